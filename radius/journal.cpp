#include "radius/journal.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/check.h"
#include "radius/journal_sqlite.h"

namespace gardu::radius {

namespace {

/// Rows of one transaction of trim(), so that an append does not wait long.
constexpr std::int64_t kTrimRows = 2'000;
/// Pages that stay in the file for what comes next, and how many more one trim() gives back to the disk.
constexpr std::int64_t kKeptFreePages = 1'024;
constexpr const char* kShrink = "PRAGMA incremental_vacuum(256)";
/// PRAGMA user_version: which tables the file has.
constexpr std::int64_t kFormat = 1;

std::int64_t formatOf(SqliteConnection& connection) {
    const std::int64_t format = SqliteStatement(connection, "PRAGMA user_version").first();
    if (format > kFormat) {
        throw JournalError("accounting.journal is of a newer version of this program");
    }
    return format;
}

void prepareFile(SqliteConnection& connection) {
    // Before the first table: what is free can be given back to the disk.
    connection.run("PRAGMA auto_vacuum = INCREMENTAL");
    // To change a new file to a WAL takes a rollback journal. EXTRA: that it is gone again is synced too, or
    // a power cut could bring it back, and with it the empty file.
    connection.run("PRAGMA synchronous = EXTRA");
    SqliteStatement mode(connection, "PRAGMA journal_mode = WAL");
    if (!mode.step() || core::asText(mode.octets(0)) != "wal") {
        throw JournalError("accounting.journal: this file system does not let SQLite use a WAL");
    }
    mode.run();
}

void makeTables(SqliteConnection& connection, const std::string& id) {
    SqliteTransaction transaction(connection);
    if (formatOf(connection) == 0) {
        connection.run("CREATE TABLE journal(sequence INTEGER PRIMARY KEY, record BLOB NOT NULL)");
        // One row. last_sequence is the last one ever given, records and octets are what journal holds.
        connection.run(
            "CREATE TABLE state(id BLOB NOT NULL, last_sequence INTEGER NOT NULL, records INTEGER NOT NULL,"
            " octets INTEGER NOT NULL)");
        SqliteStatement insert(connection,
                               "INSERT INTO state(id, last_sequence, records, octets) VALUES (?, 0, 0, 0)");
        insert.bind(1, core::asBytes(id));
        insert.run();
        connection.run("PRAGMA user_version = 1");
    }
    transaction.commit();
}

JournalStatus stateOf(SqliteConnection& connection) {
    SqliteStatement select(
        connection,
        "SELECT id, last_sequence, records, octets, (SELECT MIN(sequence) FROM journal) FROM state");
    if (!select.step()) {
        throw JournalError("accounting.journal has lost its state");
    }
    JournalStatus status;
    status.id = core::asText(select.octets(0));
    status.lastSequence = select.integer(1);
    status.records = select.integer(2);
    status.octets = select.integer(3);
    status.firstSequence = select.integer(4);
    select.run();
    return status;
}

std::int64_t sizeOnDisk(const std::string& path) {
    std::int64_t total = 0;
    for (const char* ending : {"", "-wal"}) {
        std::error_code isMissing;
        const auto size = std::filesystem::file_size(path + ending, isMissing);
        total += isMissing ? 0 : static_cast<std::int64_t>(size);
    }
    return total;
}

std::int64_t octetsOf(std::span<const core::Bytes> records) {
    std::int64_t octets = 0;
    for (const core::Bytes& record : records) {
        octets += static_cast<std::int64_t>(record.size());
    }
    return octets;
}

/// What a change takes away or adds.
struct Amount {
    std::int64_t records = 0;
    std::int64_t octets = 0;
};

}  // namespace

/// The connection that makes things durable: each commit is a sync.
class Journal::Appends {
public:
    Appends(const std::string& path, const std::string& idOfNew) : connection_(path, SqliteAccess::Write) {
        prepareFile(connection_);
        makeTables(connection_, idOfNew);
        file_ = fileAt(path);
    }

    /// False: somebody removed it, so that what is written here will be gone with this process.
    [[nodiscard]] bool isAt(const std::string& path) const { return fileAt(path) == file_; }

    [[nodiscard]] JournalStatus state() { return stateOf(connection_); }

    void append(std::span<const core::Bytes> records, std::int64_t lastSequence, std::int64_t octets) {
        SqliteTransaction transaction(connection_);
        SqliteStatement& insert = prepared(insert_, "INSERT INTO journal(sequence, record) VALUES (?, ?)");
        std::int64_t sequence = lastSequence;
        for (const core::Bytes& record : records) {
            insert.bind(1, ++sequence);
            insert.bind(2, record);
            insert.run();
        }
        SqliteStatement& count = prepared(
            count_, "UPDATE state SET last_sequence = ?, records = records + ?, octets = octets + ?");
        count.bind(1, sequence);
        count.bind(2, static_cast<std::int64_t>(records.size()));
        count.bind(3, octets);
        count.run();
        transaction.commit();
    }

    /// Writes what the WAL holds into the database file, synced, and begins the WAL anew: some of its pages
    /// may be in the kernel's memory only, and what is appended after them would be lost with them.
    void settle() {
        SqliteStatement checkpoint(connection_, "PRAGMA wal_checkpoint(TRUNCATE)");
        if (checkpoint.first() != 0) {
            throw JournalError("accounting.journal: after a failure it is still being read");
        }
    }

    void skipTo(std::int64_t sequence) {
        SqliteStatement update(connection_, "UPDATE state SET last_sequence = ?");
        update.bind(1, sequence);
        update.run();
    }

private:
    /// The tables are there only after the constructor.
    SqliteStatement& prepared(std::unique_ptr<SqliteStatement>& statement, const char* sql) {
        if (!statement) {
            statement = std::make_unique<SqliteStatement>(connection_, sql);
        }
        return *statement;
    }

    using FileNumber = std::pair<dev_t, ino_t>;
    static FileNumber fileAt(const std::string& path) {
        struct stat found {};
        return stat(path.c_str(), &found) == 0 ? FileNumber(found.st_dev, found.st_ino) : FileNumber(0, 0);
    }

    SqliteConnection connection_;
    FileNumber file_;
    std::unique_ptr<SqliteStatement> insert_;
    std::unique_ptr<SqliteStatement> count_;
};

/// The connection that reads and trims. It does not sync what it trims: a trim that a power cut undoes is
/// done again.
class Journal::Drain {
public:
    explicit Drain(const std::string& path)
        : connection_(path, SqliteAccess::Write),
          next_(connection_,
                "SELECT sequence, record FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?"),
          oldest_(
              connection_,
              "SELECT sequence, LENGTH(record) FROM journal WHERE sequence <= ? ORDER BY sequence LIMIT ?"),
          remove_(connection_, "DELETE FROM journal WHERE sequence <= ?"),
          count_(connection_, "UPDATE state SET records = records - ?, octets = octets - ?"),
          first_(connection_, "SELECT MIN(sequence) FROM journal"),
          freePages_(connection_, "PRAGMA freelist_count") {
        // Both hold for the connection, and take no lock.
        connection_.run("PRAGMA synchronous = NORMAL");
        // There are no secrets in packets of accounting: what is trimmed need not be overwritten.
        connection_.run("PRAGMA secure_delete = OFF");
    }

    std::vector<JournalEntry> read(std::int64_t sequence, std::size_t most) {
        next_.bind(1, sequence);
        next_.bind(2, static_cast<std::int64_t>(most));
        std::vector<JournalEntry> entries;
        while (next_.step()) {
            const core::ByteView octets = next_.octets(1);
            entries.push_back({next_.integer(0), core::Bytes(octets.begin(), octets.end())});
        }
        return entries;
    }

    /// Sets `last` to the last of the oldest kTrimRows that are not over `upTo`.
    Amount measure(std::int64_t upTo, std::int64_t& last) {
        oldest_.bind(1, upTo);
        oldest_.bind(2, kTrimRows);
        Amount amount;
        while (oldest_.step()) {
            last = oldest_.integer(0);
            amount.octets += oldest_.integer(1);
            ++amount.records;
        }
        return amount;
    }

    /// Gives the first sequence number that is left; 0: none.
    std::int64_t remove(std::int64_t upTo, const Amount& amount) {
        SqliteTransaction transaction(connection_);
        remove_.bind(1, upTo);
        remove_.run();
        count_.bind(1, amount.records);
        count_.bind(2, amount.octets);
        count_.run();
        const std::int64_t first = first_.first();
        transaction.commit();
        return first;
    }

    /// Gives a part of what is free in the file back to the disk.
    void shrink() {
        if (freePages_.first() > kKeptFreePages) {
            connection_.run(kShrink);
        }
    }

private:
    SqliteConnection connection_;
    SqliteStatement next_;
    SqliteStatement oldest_;
    SqliteStatement remove_;
    SqliteStatement count_;
    SqliteStatement first_;
    SqliteStatement freePages_;
};

Journal::Journal(std::string path, const std::string& newId, Limits limits)
    : path_(std::move(path)),
      folder_(std::filesystem::absolute(path_).parent_path().string()),
      limits_(limits),
      id_(newId) {
    const std::lock_guard lock(appendMutex_);
    makeSqliteFile(path_);
    auto file = std::make_unique<Appends>(path_, newId);
    const JournalStatus state = file->state();
    id_ = state.id;
    status_.with([&](JournalStatus& status) { status = state; });
    appends_ = std::move(file);
}

Journal::~Journal() = default;

Journal::Appends& Journal::openAppends() {
    if (appends_ && !appends_->isAt(path_)) {
        closeAppends();
    }
    if (!appends_) {
        makeSqliteFile(path_);
        auto file = std::make_unique<Appends>(path_, id_);
        file->settle();
        takeOver(*file);
        appends_ = std::move(file);
    }
    return *appends_;
}

void Journal::closeAppends() {
    appends_.reset();
    drainIsStale_.store(true);
}

/// The file may be another one by now, or hold what could not be synced at the time.
void Journal::takeOver(Appends& file) {
    const std::int64_t lastKnown = known().lastSequence;
    JournalStatus state = file.state();
    if (state.id != id_) {
        throw JournalError(path_ + " was replaced by another journal: start the program anew");
    }
    if (state.lastSequence < lastKnown) {
        file.skipTo(lastKnown);
        state.lastSequence = lastKnown;
    }
    status_.with([&](JournalStatus& status) { status = state; });
}

Journal::Drain& Journal::openDrain() {
    if (drainIsStale_.exchange(false)) {
        drain_.reset();
    }
    if (!drain_) {
        drain_ = std::make_unique<Drain>(path_);
    }
    return *drain_;
}

void Journal::checkRoom(std::int64_t octets) const {
    if (known().octets + octets > limits_.octets) {
        throw JournalFull(path_ + " has reached its limit of " + std::to_string(limits_.octets / 1'000'000) +
                          " MB that wait for the database");
    }
    struct statvfs disk {};
    if (statvfs(folder_.c_str(), &disk) != 0) {
        throw JournalError(path_ + ": " + std::generic_category().message(errno));
    }
    const auto left = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
    if (left - octets < limits_.diskReserve) {
        throw JournalError(path_ + ": the disk is full, " + std::to_string(left >> 10) + " KiB are left");
    }
}

std::int64_t Journal::append(std::span<const core::Bytes> records) {
    core::check(!records.empty(), "nothing to append to the journal");
    const std::int64_t octets = octetsOf(records);
    const std::lock_guard lock(appendMutex_);
    try {
        checkRoom(octets);
        appendDurably(records, octets);
    } catch (...) {
        failing_.store(true);
        throw;
    }
    failing_.store(false);
    return status_.with([&](JournalStatus& status) {
        status.firstSequence = status.records == 0 ? status.lastSequence + 1 : status.firstSequence;
        status.lastSequence += static_cast<std::int64_t>(records.size());
        status.records += static_cast<std::int64_t>(records.size());
        status.octets += octets;
        return status.lastSequence;
    });
}

void Journal::appendDurably(std::span<const core::Bytes> records, std::int64_t octets) {
    try {
        Appends& file = openAppends();
        file.append(records, known().lastSequence, octets);
    } catch (...) {
        closeAppends();
        throw;
    }
}

std::vector<JournalEntry> Journal::read(std::int64_t sequence, std::size_t most) {
    const std::lock_guard lock(drainMutex_);
    try {
        return openDrain().read(sequence, most);
    } catch (...) {
        drain_.reset();
        throw;
    }
}

void Journal::trim(std::int64_t upToSequence) {
    const std::lock_guard lock(drainMutex_);
    try {
        Drain& file = openDrain();
        while (trimPiece(file, upToSequence) == kTrimRows) {
        }
        const std::lock_guard appendLock(appendMutex_);
        file.shrink();
    } catch (...) {
        drain_.reset();
        throw;
    }
}

std::int64_t Journal::trimPiece(Drain& file, std::int64_t upToSequence) {
    std::int64_t last = 0;
    const Amount amount = file.measure(upToSequence, last);
    if (amount.records == 0) {
        return 0;
    }
    const std::lock_guard lock(appendMutex_);
    const std::int64_t first = file.remove(last, amount);
    status_.with([&](JournalStatus& status) {
        status.firstSequence = first;
        status.records -= amount.records;
        status.octets -= amount.octets;
    });
    return amount.records;
}

void Journal::skipTo(std::int64_t sequence) {
    const std::lock_guard lock(appendMutex_);
    Appends& file = openAppends();
    if (sequence > known().lastSequence) {
        file.skipTo(sequence);
        status_.with([&](JournalStatus& status) { status.lastSequence = sequence; });
    }
}

JournalStatus Journal::known() const {
    return status_.with([](const JournalStatus& status) { return status; });
}

JournalStatus Journal::status() const {
    JournalStatus status = known();
    status.fileOctets = sizeOnDisk(path_);
    return status;
}

std::optional<JournalStatus> Journal::inspect(const std::string& path) {
    if (!std::filesystem::exists(path)) {
        return std::nullopt;
    }
    SqliteConnection connection(path, SqliteAccess::Read);
    if (formatOf(connection) == 0) {
        return std::nullopt;
    }
    JournalStatus status = stateOf(connection);
    status.fileOctets = sizeOnDisk(path);
    return status;
}

}  // namespace gardu::radius
