#pragma once
// The HTTP edge: /healthz for supervisors and /metrics for Prometheus. Listens on loopback unless told
// otherwise. Requests are answered by the functions it is given, on POCO's threads.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/config.h"

namespace gardu::webadmin {

struct HttpReply {
    int status = 200;
    std::string contentType = "text/plain; charset=utf-8";
    std::string body;
};

/// The whole table of GET paths.
struct HttpRoute {
    std::string path;
    std::function<HttpReply()> answer;
};

class HttpServer {
public:
    /// Binds every address. Throws std::runtime_error that names the address and why.
    HttpServer(const std::vector<core::ListenAddress>& addresses, const std::vector<HttpRoute>& routes);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    void start();
    /// Ends after the requests being answered, within two seconds.
    void stop();
    /// "127.0.0.1:8080", with the port that the system gave for port 0; "none" without an address.
    [[nodiscard]] std::string boundTo() const;

private:
    struct Listener;
    std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace gardu::webadmin
