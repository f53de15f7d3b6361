#include "tests/app/enforcer_world.h"

#include "radius/nas_service.h"
#include "radius/session_store.h"
#include "radius/wire.h"

namespace gardu::test {

EnforcerWorld::EnforcerWorld(core::Instant wallBegan, app::Enforcer::Settings settings)
    : began_(Clock::now()), wallBegan_(wallBegan) {
    radius::startWire(radius::builtInDictionaryDir());
    core::migrate(db_, wallBegan);
    static_cast<void>(billing::addPackage(db_, packageOf("Home 10"), actAt(wallBegan)));
    directoryService_.load(wallBegan);
    enforcer_ = std::make_unique<app::Enforcer>(
        app::Enforcer::Parts{directory_, nasTable_, registry_, journal_, alarms_, metrics_, records_},
        std::move(settings));
    records_.turn(wall());
}

void EnforcerWorld::turn() {
    if (Clock::now() - recordsAt_ >= std::chrono::milliseconds(100)) {
        recordsAt_ = Clock::now();
        if (databaseIsUp_) {
            records_.turn(wall());
        }
    }
    enforcer_->turn({wall(), Clock::now()}, std::chrono::milliseconds(20));
    endSessions();
}

LoopbackNas& EnforcerWorld::addNas(const std::string& name, const std::string& address) {
    auto nas = std::make_unique<LoopbackNas>("secret of " + name, address);
    radius::NasInput input;
    input.name = name;
    input.address = address;
    input.secret = "secret of " + name;
    input.coaPort = nas->port();
    const radius::Nas stored = radius::addNas(db_, vault_, input, actAt(wallBegan_));
    LoopbackNas& made = *nas;
    nases_[name] = {stored.id, address, std::move(nas)};
    answerAll(name);
    follow();
    return made;
}

void EnforcerWorld::answerAll(const std::string& name) {
    nases_.at(name).nas->answer([this](const NasHeard& heard) {
        if (heard.code == kDisconnect) {
            const std::lock_guard lock(mutex_);
            stops_.push_back(heard.text(kAcctSessionId));
        }
        return NasAnswer{};
    });
}

radius::Session EnforcerWorld::session(const std::string& user, const std::string& nasName) {
    radius::Session session;
    session.id = ++lastSession_;
    session.nasId = nases_.at(nasName).id;
    session.nasKey = session.nasId;
    session.source = core::parseIpAddress(nases_.at(nasName).address).value();
    session.username = user;
    session.usernameKey = user;
    session.acctSessionId = "8100" + std::to_string(lastSession_);
    session.startedAt = wall();
    session.lastSeenAt = session.heardAt = wall();
    session.told = toldNow(user);
    return session;
}

std::int64_t EnforcerWorld::begin(const radius::Session& session) {
    registry_.put(session);
    db_.transact([&](core::Tx& tx) { radius::putSessions(tx, {&session}); });
    enforcer_->wake({session.usernameKey});
    return session.id;
}

std::string EnforcerWorld::rows() {
    std::string text;
    const auto rows = db_.read([](core::Tx& tx) { return radius::listDynauthRows(tx, {}, 1'000); });
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        text += (text.empty() ? "" : ", ") + row->action + " " + row->reason + " " + row->outcome;
    }
    return text;
}

std::vector<radius::JournalRecord> EnforcerWorld::journaled() {
    std::vector<radius::JournalRecord> records;
    for (const radius::JournalEntry& entry : journal_.read(0, 1'000)) {
        records.push_back(radius::decodeRecord(entry.octets).value());
    }
    return records;
}

std::string EnforcerWorld::alarms() {
    std::string text;
    for (const core::Alarm& alarm : alarms_.take()) {
        text += alarm.kind + " " + alarm.subject + " ";
    }
    return text;
}

void EnforcerWorld::endSessions() {
    std::vector<std::string> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(stops_);
    }
    for (const std::string& id : ended) {
        endSession(id);
    }
}

void EnforcerWorld::endSession(const std::string& acctSessionId) {
    for (std::size_t shard = 0; shard < radius::SessionRegistry::kShards; ++shard) {
        for (const std::string& user : registry_.usersOf(shard)) {
            for (const radius::LiveSession& session : registry_.sessionsOf(user)) {
                if (session.acctSessionId == acctSessionId) {
                    registry_.erase(session);
                }
            }
        }
    }
}

}  // namespace gardu::test
