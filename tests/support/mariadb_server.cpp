#include "tests/support/mariadb_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

namespace gardu::test {

namespace {

constexpr std::chrono::seconds kStartLimit{60};
constexpr std::chrono::seconds kStopLimit{30};
constexpr int kStartTries = 3;

int freePort() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool found =
        ::bind(descriptor, generic, size) == 0 && ::getsockname(descriptor, generic, &size) == 0;
    ::close(descriptor);
    if (!found) {
        throw std::runtime_error("no free port on loopback");
    }
    return ntohs(address.sin_port);
}

// MariaDB refuses to run as root unless it is told to.
void allowRoot(std::vector<std::string>& arguments) {
    if (::geteuid() == 0) {
        arguments.emplace_back("--user=root");
    }
}

}  // namespace

MariaDbServer::MariaDbServer() {
    std::filesystem::create_directory(folder_.path() / "tmp");
    installData();
    for (int tries = 1; !startsOnAFreePort(); ++tries) {
        if (tries == kStartTries) {
            throw std::runtime_error("MariaDB does not start:\n" + lastWords_);
        }
    }
    administer(
        "CREATE USER gardu@'127.0.0.1' IDENTIFIED BY 'secret', gardu@localhost IDENTIFIED BY 'secret';"
        "GRANT ALL ON `t\\_%`.* TO gardu@'127.0.0.1', gardu@localhost");
}

// Another program may take the port before the server does: then another port is tried.
bool MariaDbServer::startsOnAFreePort() {
    port_ = freePort();
    try {
        start();
        return true;
    } catch (const std::runtime_error& error) {
        lastWords_ = error.what();
        return false;
    }
}

MariaDbServer::~MariaDbServer() {
    if (server_) {
        server_->stop(kStopLimit);
    }
}

MariaDbServer& MariaDbServer::shared() {
    static MariaDbServer server;
    return server;
}

std::string MariaDbServer::freshDatabase() {
    const std::string name = "t_" + std::to_string(++databases_);
    administer("CREATE DATABASE " + name);
    return "mysql://gardu:secret@127.0.0.1:" + std::to_string(port_) + "/" + name;
}

void MariaDbServer::pause() {
    server_->freeze();
}

void MariaDbServer::resume() {
    server_->signal(SIGCONT);
}

void MariaDbServer::stop() {
    server_->stop(kStopLimit);
}

void MariaDbServer::kill() {
    server_->kill();
}

void MariaDbServer::start() {
    // Small and without waiting for the disk at each commit: a killed server still keeps what was committed.
    std::vector<std::string> arguments = {"--no-defaults",
                                          "--datadir=" + folder_.file("data"),
                                          "--tmpdir=" + folder_.file("tmp"),
                                          "--socket=" + socket(),
                                          "--pid-file=" + folder_.file("pid"),
                                          "--skip-networking=0",
                                          "--bind-address=127.0.0.1",
                                          "--port=" + std::to_string(port_),
                                          "--skip-name-resolve",
                                          "--max-connections=500",
                                          "--innodb-flush-log-at-trx-commit=2",
                                          "--innodb-buffer-pool-size=64M",
                                          "--innodb-use-native-aio=0",
                                          "--performance-schema=OFF"};
    allowRoot(arguments);
    server_ = std::make_unique<Process>(ProcessStart{.program = "mariadbd", .arguments = arguments});
    try {
        waitUntilItAnswers();
    } catch (...) {
        server_.reset();
        throw;
    }
}

std::string MariaDbServer::administer(const std::string& sql) const {
    return runOrThrow({.program = "mariadb",
                       .arguments = {"--no-defaults", "--batch", "--skip-column-names", "--user=root",
                                     "--socket=" + socket()},
                       .input = sql})
        .output;
}

void MariaDbServer::installData() const {
    std::vector<std::string> arguments = {"--no-defaults", "--datadir=" + folder_.file("data"),
                                          "--tmpdir=" + folder_.file("tmp"),
                                          "--auth-root-authentication-method=normal", "--skip-test-db"};
    allowRoot(arguments);
    runOrThrow({.program = "mariadb-install-db", .arguments = arguments});
}

bool MariaDbServer::answers() const {
    return runProcess(
               {.program = "mariadb-admin",
                .arguments = {"--no-defaults", "--user=root", "--socket=" + socket(), "--silent", "ping"}})
               .exitCode == 0;
}

void MariaDbServer::waitUntilItAnswers() {
    const auto end = std::chrono::steady_clock::now() + kStartLimit;
    while (!answers()) {
        if (!server_->isRunning() || std::chrono::steady_clock::now() >= end) {
            throw std::runtime_error("MariaDB does not start:\n" + server_->errors());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace gardu::test
