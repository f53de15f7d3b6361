// enforce status, enforce resume, journal status.

#include "app/command_line.h"
#include "app/session_views.h"
#include "core/clock.h"
#include "radius/accounting_store.h"
#include "radius/enforcement_store.h"
#include "radius/journal.h"

namespace gardu::app {

namespace {

constexpr int kPendingShown = 1'000;
constexpr int kResultsShown = 20;
constexpr int kQuarantineShown = 20;

Json enforceDocument(core::Tx& tx) {
    Json document = {{"cutting_paused_since", orNull(radius::cuttingPausedSince(tx))},
                     {"pending_count", radius::countPending(tx)},
                     {"pending", Json::array()},
                     {"results", Json::array()}};
    for (const radius::PendingEnforcement& pending : radius::listPending(tx, kPendingShown)) {
        document["pending"].push_back(toJson(pending));
    }
    for (const radius::DynauthRow& row : radius::listDynauthRows(tx, std::nullopt, kResultsShown)) {
        document["results"].push_back(toJson(row));
    }
    return document;
}

std::string enforceText(const Json& document, const core::Zone& zone) {
    const Json local = localTimes(document, zone);
    const auto count = document.at("pending_count").get<std::int64_t>();
    std::string text =
        document.at("cutting_paused_since").is_null()
            ? "Nothing is paused.\n"
            : "Nobody is cut off since " + plain(local.at("cutting_paused_since")) +
                  ", when the clock stepped: see that it is right, then gardu enforce resume\n";
    text += "\nPending: " + std::to_string(count) + "\n" +
            table(local.at("pending"), {{"SESSION", "session_id"},
                                        {"USER", "username"},
                                        {"NAS", "nas"},
                                        {"ACTION", "action"},
                                        {"BECAUSE", "words"},
                                        {"SINCE", "since"},
                                        {"TRIES", "attempts"},
                                        {"LAST RESULT", "last_result"},
                                        {"NEXT TRY", "next_attempt_at"}});
    return text + "\nLast CoA and Disconnect:\n" +
           table(local.at("results"), {{"WHEN", "at"},
                                       {"SESSION", "session_id"},
                                       {"USER", "username"},
                                       {"NAS", "nas"},
                                       {"ACTION", "action"},
                                       {"BECAUSE", "reason"},
                                       {"OUTCOME", "outcome"},
                                       {"IN WORDS", "words"}});
}

Result enforceStatus(Workplace& workplace) {
    const Json document = workplace.db().read(enforceDocument);
    return {document, enforceText(document, workplace.config().zone())};
}

Result enforceResume(Workplace& workplace) {
    const auto since = workplace.db().transact([](core::Tx& tx) {
        const auto paused = radius::cuttingPausedSince(tx);
        radius::resumeCutting(tx);
        return paused;
    });
    return {{{"resumed", since.has_value()}, {"cutting_paused_since", orNull(since)}},
            since ? "resumed; it was paused since " + workplace.config().zone().format(*since) + "\n"
                  : "nothing was paused\n"};
}

/// What the database knows of the journal; the numbers of the journal itself do not need it.
void addApplied(Workplace& workplace, const std::string& journalId, std::int64_t lastSequence,
                Json& document) {
    workplace.db().read([&](core::Tx& tx) {
        const std::int64_t applied = radius::highWaterMark(tx, journalId);
        document["applied_sequence"] = applied;
        document["lag"] = std::max<std::int64_t>(lastSequence - applied, 0);
        document["quarantined"] = radius::countQuarantined(tx);
        document["quarantine"] = Json::array();
        for (const radius::QuarantinedPacket& packet : radius::listQuarantined(tx, kQuarantineShown)) {
            document["quarantine"].push_back({{"id", packet.id},
                                              {"received_at", core::formatInstant(packet.receivedAt)},
                                              {"nas_key", packet.nasKey},
                                              {"username", packet.username},
                                              {"reason", packet.reason},
                                              {"detail", packet.detail}});
        }
    });
}

std::string journalText(const Json& document, const core::Zone& zone) {
    Json numbers = document;
    numbers.erase("quarantine");
    std::string text = lines(numbers);
    if (document.contains("quarantine") && !document.at("quarantine").empty()) {
        text += "\nSet aside, newest first:\n" +
                table(localTimes(document.at("quarantine"), zone), {{"ID", "id"},
                                                                    {"RECEIVED", "received_at"},
                                                                    {"USER", "username"},
                                                                    {"BECAUSE", "reason"},
                                                                    {"IN WORDS", "detail"}});
    }
    return text;
}

Result journalStatus(Workplace& workplace) {
    const std::string path = workplace.journalPath();
    const auto status = radius::Journal::inspect(path);
    if (!status) {
        return {{{"journal", path}, {"waiting_records", 0}, {"waiting_octets", 0}},
                "there is no journal at " + path + " yet: gardu serve makes it\n"};
    }
    Json document = {{"journal", path},
                     {"id", status->id},
                     {"waiting_records", status->records},
                     {"waiting_octets", status->octets},
                     {"file_octets", status->fileOctets},
                     {"last_sequence", status->lastSequence},
                     {"database", "ok"}};
    try {
        addApplied(workplace, status->id, status->lastSequence, document);
    } catch (const core::DbError& error) {
        document["database"] = error.what();
    }
    return {document, journalText(document, workplace.config().zone())};
}

}  // namespace

void addEnforcementCommands(CommandLine& line) {
    CLI::App& enforce = line.group("enforce", "what the routers have still to be told");
    line.command(enforce, "status", "pending changes with their reasons, and the last results",
                 enforceStatus);
    line.command(enforce, "resume", "after a step of the clock: cutting goes on", enforceResume);
    CLI::App& journal = line.group("journal", "accounting on its way to the database");
    line.command(journal, "status", "what waits, how far the database is, what was set aside", journalStatus);
}

}  // namespace gardu::app
