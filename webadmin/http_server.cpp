#include "webadmin/http_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

#include <stdexcept>

#include "core/log.h"

namespace gardu::webadmin {

namespace {

namespace net = Poco::Net;

constexpr int kThreads = 2;
/// A thread that has just ended its work is not back in POCO's pool for a moment; a start that finds none
/// there leaves the connection waiting and the server never freed.
constexpr int kPooledThreads = 2 * kThreads;
constexpr int kMaxQueued = 16;
constexpr int kTimeoutSeconds = 5;

class Handler : public net::HTTPRequestHandler {
public:
    explicit Handler(const std::vector<HttpRoute>& routes) : routes_(routes) {}

    void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
        const HttpReply reply = answer(request);
        response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(reply.status));
        response.setContentType(reply.contentType);
        response.set("Cache-Control", "no-store");
        response.sendBuffer(reply.body.data(), reply.body.size());
    }

private:
    HttpReply answer(const net::HTTPServerRequest& request) const {
        const std::string path = request.getURI().substr(0, request.getURI().find('?'));
        for (const HttpRoute& route : routes_) {
            if (route.path != path) {
                continue;
            }
            if (request.getMethod() != net::HTTPRequest::HTTP_GET) {
                return {405, "text/plain", "only GET\n"};
            }
            try {
                return route.answer();
            } catch (const std::exception& error) {
                core::logError("http_failed", {{"path", path}, {"error", error.what()}});
                return {500, "text/plain", "internal error; the log has the details\n"};
            }
        }
        return {404, "text/plain", "not found\n"};
    }

    const std::vector<HttpRoute>& routes_;
};

class HandlerFactory : public net::HTTPRequestHandlerFactory {
public:
    explicit HandlerFactory(std::vector<HttpRoute> routes) : routes_(std::move(routes)) {}

    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& /*request*/) override {
        return new Handler(routes_);
    }

private:
    std::vector<HttpRoute> routes_;
};

net::HTTPServerParams::Ptr parameters() {
    net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
    params->setMaxThreads(kThreads);
    params->setMaxQueued(kMaxQueued);
    params->setTimeout(Poco::Timespan(kTimeoutSeconds, 0));
    // A thread a connection: one that stays open would hold it.
    params->setKeepAlive(false);
    return params;
}

net::ServerSocket bindTo(const core::ListenAddress& address) {
    try {
        const net::SocketAddress at(address.host, static_cast<Poco::UInt16>(address.port));
        net::ServerSocket socket;
        if (at.family() == net::AddressFamily::IPv6) {
            socket.bind6(at, true, false, true);
        } else {
            socket.bind(at, true, false);
        }
        socket.listen();
        return socket;
    } catch (const Poco::Exception& error) {
        throw std::runtime_error("web.listen: cannot listen on " + address.host + ", port " +
                                 std::to_string(address.port) + ": " + error.displayText());
    }
}

}  // namespace

struct HttpServer::Listener {
    Listener(const core::ListenAddress& address, const std::vector<HttpRoute>& routes)
        : pool(1, kPooledThreads),
          socket(bindTo(address)),
          server(new HandlerFactory(routes), pool, socket, parameters()) {}

    Poco::ThreadPool pool;
    net::ServerSocket socket;
    net::HTTPServer server;
};

HttpServer::HttpServer(const std::vector<core::ListenAddress>& addresses,
                       const std::vector<HttpRoute>& routes) {
    for (const core::ListenAddress& address : addresses) {
        listeners_.push_back(std::make_unique<Listener>(address, routes));
    }
}

HttpServer::~HttpServer() {
    stop();
}

void HttpServer::start() {
    for (const auto& listener : listeners_) {
        listener->server.start();
    }
}

void HttpServer::stop() {
    for (const auto& listener : listeners_) {
        listener->server.stopAll(true);
        listener->pool.stopAll();
    }
    listeners_.clear();
}

std::string HttpServer::boundTo() const {
    std::string text;
    for (const auto& listener : listeners_) {
        text += (text.empty() ? "" : ",") + listener->socket.address().toString();
    }
    return text.empty() ? "none" : text;
}

}  // namespace gardu::webadmin
