#pragma once
// Keeps the directory and the NAS table as the database is: loads them at start, follows announced changes,
// and walks all rows slowly to repair what was missed (a change made by hand in SQL, say). One thread calls
// it.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/db.h"
#include "core/guarded.h"
#include "core/vault.h"
#include "radius/change_window.h"
#include "radius/directory.h"
#include "radius/nas_table.h"

namespace gardu::radius {

/// The current NAS table; workers take a copy of the pointer, the follower replaces it.
using SharedNasTable = core::SharedGuarded<std::shared_ptr<const NasTable>>;

class DirectoryService {
public:
    /// A walk takes no longer than this, and the next one begins this long after it began: whatever was
    /// missed is repaired within twice this time.
    static constexpr std::chrono::seconds kWalkTime{120};

    DirectoryService(core::Db& db, const core::Vault& vault, Directory& directory, SharedNasTable& nasTable);

    /// Told of the user name keys whose entitlement may be another now; `everybody`: a package or NAS
    /// changed.
    using Listener = std::function<void(const std::vector<std::string>& usernameKeys, bool everybody)>;
    /// Before load(). Called on the thread that calls follow() and repair().
    void listen(Listener listener) { listener_ = std::move(listener); }

    /// Everything, once, before the first packet. Throws core::DbError.
    void load(core::Instant now);

    /// Applies announced changes; returns how many. Throws core::DbError; call again then.
    std::size_t follow(ChangeWindow::Clock::time_point now);

    /// The next part of the repair walk, sized so that calls every `pause` finish it in kWalkTime. Returns
    /// how many entries were wrong. Throws core::DbError; call again then.
    std::size_t repair(ChangeWindow::Clock::time_point now, std::chrono::milliseconds pause);

    /// NAS entries whose first valid Message-Authenticator is not in the database yet: writes them there.
    void rememberMessageAuthenticators(core::Instant now);

private:
    void loadPackages(core::Tx& tx);
    void loadNas(core::Tx& tx);
    void loadSubscribers();
    /// The last key of the page, "" past the end.
    std::string loadPageAfter(core::Tx& tx, const std::string& key);
    [[nodiscard]] std::vector<core::Change> unseenChanges(core::Tx& tx) const;
    void apply(const std::vector<core::Change>& changes);
    void applySubscribers(core::Tx& tx, const std::vector<std::string>& keys);
    Directory::Put putRecord(core::Tx& tx, const billing::SubscriberRecord& record);

    void tell(const std::vector<std::string>& usernameKeys, bool everybody) const;

    core::Db& db_;
    const core::Vault& vault_;
    Directory& directory_;
    SharedNasTable& nasTable_;
    Listener listener_;
    std::optional<ChangeWindow> window_;
    /// Round of the walk; rows put in it bear its number.
    std::uint32_t round_ = 1;
    /// Empty: between two rounds.
    std::string walkedTo_;
    std::optional<ChangeWindow::Clock::time_point> roundBegan_;
};

}  // namespace gardu::radius
