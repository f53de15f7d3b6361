#pragma once
// The accounting journal: what was acknowledged and is not in the database yet. A SQLite file of its own in
// the data folder, one sync for a whole batch. append() may be called by several threads, read() and trim()
// by one; they do not wait for each other.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/guarded.h"

namespace gardu::radius {

/// The batch is not durable, so nothing of it may be acknowledged: disk full, I/O error.
class JournalError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The journal has reached its limit.
class JournalFull : public JournalError {
public:
    using JournalError::JournalError;
};

struct JournalEntry {
    std::int64_t sequence = 0;
    core::Bytes octets;
};

struct JournalStatus {
    /// A UUID, made with the file: the database keeps its high-water mark under it.
    std::string id;
    std::int64_t firstSequence = 0;  ///< of what is kept; 0: nothing is
    std::int64_t lastSequence = 0;   ///< the last one ever given; 0: none
    std::int64_t records = 0;
    std::int64_t octets = 0;  ///< of the records
    std::int64_t fileOctets = 0;
};

class Journal {
public:
    struct Limits {
        /// Records together, octets.
        std::int64_t octets = std::int64_t{4} << 30;
        /// What append() leaves of the disk, octets: to give room back, SQLite first needs some.
        std::int64_t diskReserve = std::int64_t{8} << 20;
    };
    /// Opens or makes the file (mode 0600). `newId` is used where it is made. Throws JournalError.
    Journal(std::string path, const std::string& newId, Limits limits);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// All of them or none, at least one; durable when it returns. Gives the sequence number of the last one.
    /// After a failure the file is closed, and opened anew by the next call: what the kernel keeps after a
    /// failed sync is not to be trusted. Where it was the sync that failed, all of them may turn up all the
    /// same. Throws JournalError, JournalFull.
    std::int64_t append(std::span<const core::Bytes> records);
    /// The next ones after `sequence`, in order, at most `most`. Throws JournalError.
    [[nodiscard]] std::vector<JournalEntry> read(std::int64_t sequence, std::size_t most);
    /// They are in the database: their room is free. Throws JournalError.
    void trim(std::int64_t upToSequence);
    /// Sequence numbers go on after this one: a restored journal file must not give numbers that the database
    /// has seen. Throws JournalError.
    void skipTo(std::int64_t sequence);
    [[nodiscard]] const std::string& id() const { return id_; }
    /// From memory: waits for no append, and never fails.
    [[nodiscard]] JournalStatus status() const;
    /// The last append() failed, so accounting is not acknowledged.
    [[nodiscard]] bool isFailing() const { return failing_.load(); }

    /// Of a file that another process uses; nothing where there is none. Throws JournalError.
    [[nodiscard]] static std::optional<JournalStatus> inspect(const std::string& path);

private:
    class Appends;
    class Drain;

    Appends& openAppends();
    void closeAppends();
    Drain& openDrain();
    void takeOver(Appends& file);
    [[nodiscard]] JournalStatus known() const;
    void checkRoom(std::int64_t octets) const;
    void appendDurably(std::span<const core::Bytes> records, std::int64_t octets);
    std::int64_t trimPiece(Drain& file, std::int64_t upToSequence);

    const std::string path_;
    const std::string folder_;
    const Limits limits_;
    /// Set once, by the constructor.
    std::string id_;
    /// As the file has it, once it is committed there.
    core::Guarded<JournalStatus> status_;
    /// Where both are held, the drain's is taken first.
    std::mutex appendMutex_;
    std::unique_ptr<Appends> appends_;
    std::mutex drainMutex_;
    std::unique_ptr<Drain> drain_;
    /// An append failed: the other connection is to be opened anew too.
    std::atomic<bool> drainIsStale_{false};
    std::atomic<bool> failing_{false};
};

}  // namespace gardu::radius
