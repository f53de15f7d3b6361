#pragma once
// What a command works with, opened as far as it is needed: the configuration, the database (migrated), the
// vault. One thread's.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/act.h"
#include "billing/entitlement.h"
#include "core/config.h"
#include "core/db.h"
#include "core/vault.h"

namespace gardu::app {

class Workplace {
public:
    explicit Workplace(core::Config config) : config_(std::move(config)) {}

    [[nodiscard]] const core::Config& config() const { return config_; }
    /// Makes data.dir where it is missing, connects and migrates. Throws core::DbError or std::runtime_error.
    [[nodiscard]] core::Db& db();
    /// The migrations that opening the database for the first time applied.
    [[nodiscard]] const std::vector<std::string>& migrate();
    /// Makes the key file at the very first use. Throws core::VaultError.
    [[nodiscard]] const core::Vault& vault();
    [[nodiscard]] billing::PolicyDefaults policyDefaults() const;
    /// Loads the RADIUS dictionaries; before any thread. Throws core::ConfigError that names the key.
    void startWire() const;
    [[nodiscard]] core::Date today() const;
    /// Of whoever runs the command, now: for the audit log.
    [[nodiscard]] billing::Act act() const;
    /// Where the accounting journal is.
    [[nodiscard]] std::string journalPath() const { return config_.text("data.dir") + "/accounting.journal"; }

private:
    core::Config config_;
    std::unique_ptr<core::Db> db_;
    std::vector<std::string> applied_;
    std::optional<core::Vault> vault_;
};

/// `data.dir` where nobody says: /var/lib/gardu for root, else ~/.local/share/gardu.
[[nodiscard]] std::string defaultDataDir();

}  // namespace gardu::app
