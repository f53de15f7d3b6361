#pragma once
// Packages and subscribers of tests, and the words of what is refused.

#include <string>

#include "billing/package_service.h"
#include "billing/subscriber_service.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/refused.h"
#include "core/vault.h"
#include "tests/support/database_suite.h"

namespace gardu::test {

[[nodiscard]] inline core::Date day(const char* text) {
    return core::parseDate(text).value();
}

/// What a test does as an operator.
[[nodiscard]] inline billing::Act actAt(core::Instant now = kDatabaseMadeAt) {
    return {"test", now};
}

/// With a key of zeroes.
[[nodiscard]] inline core::Vault testVault() {
    return {core::Secret(core::Bytes(core::kVaultKeySize)), 1};
}

[[nodiscard]] inline billing::Package packageOf(const std::string& name) {
    billing::Package package;
    package.name = name;
    package.bandwidth = "10M/10M";
    package.price = {150'000, core::findCurrency("IDR").value()};
    return package;
}

/// Of the package "Home 10".
[[nodiscard]] inline billing::SubscriberInput subscriberOf(const std::string& username) {
    billing::SubscriberInput input;
    input.username = username;
    input.password = "pass of " + username;
    input.packageName = "Home 10";
    input.startDate = day("2026-11-22");
    input.endDate = day("2026-12-21");
    return input;
}

/// The wrong fields in order, each followed by a blank; the words where no field is named; "taken" where
/// nothing is refused.
template <class Function>
[[nodiscard]] std::string refusedFields(Function&& function) {
    try {
        (void)function();
    } catch (const core::Refused& refused) {
        std::string text = refused.fields().empty() ? refused.what() : "";
        for (const core::FieldError& error : refused.fields()) {
            text += error.field + " ";
        }
        return text;
    }
    return "taken";
}

[[nodiscard]] inline std::int64_t countRows(core::Db& db, const std::string& table) {
    return db.read([&](core::Tx& tx) { return tx.queryOne("SELECT COUNT(*) FROM " + table)->integer(0); });
}

/// What was announced since the last call, in order, each followed by a blank.
[[nodiscard]] inline std::string takeAnnouncements(core::Db& db) {
    return db.transact([](core::Tx& tx) {
        std::string text;
        for (const core::Row& row : tx.query("SELECT entity FROM changes ORDER BY id")) {
            text += row.text(0) + " ";
        }
        tx.execute("DELETE FROM changes");
        return text;
    });
}

}  // namespace gardu::test
