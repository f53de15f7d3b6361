#include "radius/directory_service.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>

#include "billing/package_store.h"
#include "core/change_store.h"
#include "core/check.h"
#include "core/log.h"
#include "radius/nas_store.h"

namespace gardu::radius {

namespace {

constexpr int kLoadPage = 5'000;
constexpr std::size_t kKeysPerStatement = 500;
constexpr std::size_t kLeastWalkPage = 200;
constexpr int kChangePage = 10'000;
/// At start, changes this recent are read again: their transactions may have been open during the load.
constexpr std::chrono::minutes kStartMargin{10};

using SharedNas = std::shared_ptr<const NasEntry>;

/// What workers saw and is not stored yet. An operator's change of the policy starts anew.
void carryOver(const NasEntry& former, const NasEntry& entry) {
    if (former.nas.policy != entry.nas.policy) {
        return;
    }
    if (former.messageAuthenticatorSeen.load() && !former.nas.messageAuthenticatorSeen) {
        entry.messageAuthenticatorSeen.store(true);
    }
    for (const core::IpAddress& address : former.signers.notStored()) {
        entry.signers.add(address, false);
    }
}

}  // namespace

DirectoryService::DirectoryService(core::Db& db, const core::Vault& vault, Directory& directory,
                                   SharedNasTable& nasTable)
    : db_(db), vault_(vault), directory_(directory), nasTable_(nasTable) {}

void DirectoryService::load(core::Instant now) {
    // First the window, then the rows: what commits in between is applied twice rather than never.
    db_.read([&](core::Tx& tx) {
        window_.emplace(core::lastChangeBefore(tx, now - kStartMargin));
        while (!window_->takeNew(core::changesAfter(tx, window_->largest(), kChangePage)).empty()) {
        }
    });
    db_.read([&](core::Tx& tx) {
        loadPackages(tx);
        loadNas(tx);
    });
    loadSubscribers();
}

void DirectoryService::loadPackages(core::Tx& tx) {
    directory_.putPackages(billing::listPackages(tx));
}

void DirectoryService::loadNas(core::Tx& tx) {
    const auto former = nasTable_.read([](const auto& table) { return table; });
    std::vector<SharedNas> entries;
    for (Nas& nas : listNas(tx)) {
        try {
            const core::Secret secret = vault_.open({"nas", "secret", nas.id}, nas.sealedSecret);
            entries.push_back(std::make_shared<const NasEntry>(std::move(nas), secret.text()));
        } catch (const std::exception& error) {
            // The others must go on; packets of this one are dropped as from an unknown NAS.
            core::logError("nas_unusable", {{"nas", nas.name}, {"error", error.what()}});
        }
    }
    std::unordered_map<std::string_view, const NasEntry*> formerById;
    for (const auto& old : former ? std::span(former->entries()) : std::span<const SharedNas>()) {
        formerById.emplace(old->nas.id, old.get());
    }
    std::unordered_map<std::string_view, const NasEntry*> entryById;
    for (const auto& entry : entries) {
        entryById.emplace(entry->nas.id, entry.get());
        const auto old = formerById.find(entry->nas.id);
        if (old != formerById.end()) {
            carryOver(*old->second, *entry);
        }
    }
    for (const Signer& signer : listSigners(tx)) {
        if (const auto entry = entryById.find(signer.nasId); entry != entryById.end()) {
            entry->second->signers.add(signer.address, true);
        }
    }
    nasTable_.write([&](auto& table) { table = std::make_shared<const NasTable>(std::move(entries)); });
}

Directory::Put DirectoryService::putRecord(core::Tx& tx, const billing::SubscriberRecord& record) {
    try {
        if (!record.problem.empty()) {
            throw core::DbError(record.problem);
        }
        if (!directory_.knowsPackage(record.subscription.packageId)) {
            loadPackages(tx);
        }
        return directory_.put(record, round_);
    } catch (const std::exception& error) {
        // One row, spoilt by hand perhaps, must not keep all others out. What was known of it before stays.
        core::logError("subscriber_unusable", {{"user", record.usernameKey}, {"error", error.what()}});
        directory_.touch(record.usernameKey, round_);
        return Directory::Put::Same;
    }
}

std::string DirectoryService::loadPageAfter(core::Tx& tx, const std::string& key) {
    const auto records = billing::subscriberPage(tx, key, kLoadPage);
    for (const auto& record : records) {
        putRecord(tx, record);
    }
    return records.empty() ? "" : records.back().usernameKey;
}

void DirectoryService::loadSubscribers() {
    std::string last;
    do {
        last = db_.read([&](core::Tx& tx) { return loadPageAfter(tx, last); });
    } while (!last.empty());
}

std::size_t DirectoryService::follow(ChangeWindow::Clock::time_point now) {
    core::check(window_.has_value(), "follow() before load()");
    std::size_t applied = 0;
    for (bool more = true; more;) {
        auto rows = db_.read([&](core::Tx& tx) { return unseenChanges(tx); });
        if (rows.empty()) {
            break;
        }
        // Marked as seen only when applied: a failure in between must not lose them.
        ChangeWindow next = *window_;
        const std::vector<core::Change> changes = next.takeNew(std::move(rows));
        apply(changes);
        window_ = std::move(next);
        applied += changes.size();
        more = changes.size() >= static_cast<std::size_t>(kChangePage);
    }
    window_->settle(now);
    return applied;
}

std::vector<core::Change> DirectoryService::unseenChanges(core::Tx& tx) const {
    // Both below one snapshot: first what came late, then what is new.
    std::vector<core::Change> rows;
    if (core::countChanges(tx, window_->floor(), window_->largest()) != window_->seenCount()) {
        rows = core::changesBetween(tx, window_->floor(), window_->largest());
    }
    auto fresh = core::changesAfter(tx, window_->largest(), kChangePage);
    rows.insert(rows.end(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
    return rows;
}

void DirectoryService::apply(const std::vector<core::Change>& changes) {
    std::set<std::string> keys;
    bool packages = false;
    bool nas = false;
    for (const core::Change& change : changes) {
        packages = packages || change.kind == core::ChangeKind::Package;
        nas = nas || change.kind == core::ChangeKind::Nas;
        if (change.kind == core::ChangeKind::Subscriber) {
            keys.insert(change.entity);
        }
    }
    if (packages || nas) {
        db_.read([&](core::Tx& tx) {
            loadPackages(tx);
            loadNas(tx);
        });
    }
    const std::vector<std::string> all(keys.begin(), keys.end());
    for (std::size_t at = 0; at < all.size(); at += kKeysPerStatement) {
        const auto first = std::next(all.begin(), static_cast<std::ptrdiff_t>(at));
        const std::size_t count = std::min(kKeysPerStatement, all.size() - at);
        const std::vector<std::string> batch(first, std::next(first, static_cast<std::ptrdiff_t>(count)));
        db_.read([&](core::Tx& tx) { applySubscribers(tx, batch); });
    }
    if (!changes.empty()) {
        tell(all, packages || nas);
    }
}

void DirectoryService::tell(const std::vector<std::string>& usernameKeys, bool everybody) const {
    if (listener_) {
        listener_(usernameKeys, everybody);
    }
}

void DirectoryService::applySubscribers(core::Tx& tx, const std::vector<std::string>& keys) {
    std::set<std::string> gone(keys.begin(), keys.end());
    for (const auto& record : billing::findSubscribers(tx, keys)) {
        putRecord(tx, record);
        gone.erase(record.usernameKey);
    }
    for (const std::string& key : gone) {
        directory_.erase(key);
    }
}

std::size_t DirectoryService::repair(ChangeWindow::Clock::time_point now, std::chrono::milliseconds pause) {
    if (walkedTo_.empty()) {
        if (roundBegan_ && now - *roundBegan_ < kWalkTime) {
            return 0;
        }
        db_.read([&](core::Tx& tx) {
            loadPackages(tx);
            loadNas(tx);
        });
        roundBegan_ = now;
    }
    // Half of the time: the turns take some too.
    const auto calls = static_cast<std::size_t>(std::max<std::int64_t>(kWalkTime / pause / 2, 1));
    const std::size_t wanted = std::max(directory_.size() / calls + 1, kLeastWalkPage);
    std::vector<std::string> repaired;
    const std::string last = db_.read([&](core::Tx& tx) {
        const auto records = billing::subscriberPage(tx, walkedTo_, static_cast<int>(wanted));
        repaired.clear();
        for (const auto& record : records) {
            if (putRecord(tx, record) != Directory::Put::Same) {
                repaired.push_back(record.usernameKey);
            }
        }
        return records.size() < wanted ? std::string() : records.back().usernameKey;
    });
    walkedTo_ = last;
    std::size_t erased = 0;
    if (walkedTo_.empty()) {
        erased = directory_.eraseOlderThan(round_);
        ++round_;
    }
    if (!repaired.empty() || erased != 0) {
        tell(repaired, erased != 0);
    }
    return repaired.size() + erased;
}

void DirectoryService::rememberMessageAuthenticators(core::Instant now) {
    const auto table = nasTable_.read([](const auto& current) { return current; });
    for (const auto& entry : table ? std::span(table->entries()) : std::span<const SharedNas>()) {
        if (entry->messageAuthenticatorSeen.load() && !entry->nas.messageAuthenticatorSeen) {
            db_.transact([&](core::Tx& tx) { rememberMessageAuthenticator(tx, entry->nas.id, now); });
        }
        const auto signers = entry->signers.notStored();
        if (!signers.empty()) {
            db_.transact([&](core::Tx& tx) { rememberSigners(tx, entry->nas.id, signers, now); });
            entry->signers.markStored(signers);
        }
    }
}

}  // namespace gardu::radius
