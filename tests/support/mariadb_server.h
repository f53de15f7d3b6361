#pragma once
// A private, real MariaDB server for tests: its own data folder, loopback only, any free port. Owned by the
// test program that started it, on the main thread; stopped and removed with it.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {

class MariaDbServer {
public:
    /// Makes the data folder, starts the server and waits until it answers. Throws std::runtime_error with
    /// the server's own words.
    MariaDbServer();
    ~MariaDbServer();
    MariaDbServer(const MariaDbServer&) = delete;
    MariaDbServer& operator=(const MariaDbServer&) = delete;

    /// The one of this program: started on first use, stopped at its end. Tests that stop or pause a server
    /// make their own, or leave this one running again.
    static MariaDbServer& shared();

    /// A new empty database `t_1`, `t_2`...: its URL, mysql://gardu:secret@127.0.0.1:PORT/t_n.
    [[nodiscard]] std::string freshDatabase();
    [[nodiscard]] int port() const { return port_; }

    /// The server neither answers nor closes connections, until resume().
    void pause();
    void resume();
    /// Ends the server as an operator does, or as a power cut would; start() brings it back on the same data
    /// and port.
    void stop();
    void kill();
    void start();

    /// Statements as the administrator; returns what they print, one row a line, columns parted by tabs.
    std::string administer(const std::string& sql) const;

private:
    [[nodiscard]] std::string socket() const { return folder_.file("socket"); }
    void installData() const;
    [[nodiscard]] bool startsOnAFreePort();
    [[nodiscard]] bool answers() const;
    void waitUntilItAnswers();

    TempFolder folder_;
    int port_ = 0;
    int databases_ = 0;
    std::string lastWords_;
    std::unique_ptr<Process> server_;
};

}  // namespace gardu::test
