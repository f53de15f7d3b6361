#include "app/http_sender_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <array>
#include <nlohmann/json.hpp>

namespace gardu::app {

namespace {

namespace net = Poco::Net;

/// Of what the gateway answers, for the words; the rest is not read.
constexpr std::streamsize kMostRead = 300;

std::string jsonEscaped(const std::string& text) {
    const std::string quoted =
        nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

std::string formEscaped(const std::string& text) {
    std::string escaped;
    Poco::URI::encode(text, "!*'();:@&=+$,/?#[]~", escaped);
    return escaped;
}

SendResult resultOf(const net::HTTPResponse& response, std::istream& body) {
    std::array<char, kMostRead> said{};
    body.read(said.data(), kMostRead);
    const int status = static_cast<int>(response.getStatus());
    std::string words = std::to_string(status);
    words.append(" ").append(response.getReason()).append(" ");
    words.append(said.data(), static_cast<std::size_t>(body.gcount()));
    words = peerWords(words);
    if (status >= 200 && status < 300) {
        return {SendStatus::Sent, words};
    }
    // 401 and 403 are about our token, which an operator can put right.
    const bool isOurs = status == 401 || status == 403 || status == 408 || status == 429;
    return {status >= 400 && status < 500 && !isOurs ? SendStatus::Refused : SendStatus::TryAgain,
            "the gateway answered " + words};
}

SendResult post(const HttpSettings& settings, const Outgoing& outgoing) {
    net::HTTPClientSession session(connectTo(settings.gateway));
    // Else it would not use a connection that is open already.
    session.setKeepAlive(true);
    net::HTTPRequest request(net::HTTPRequest::HTTP_POST, settings.path, net::HTTPMessage::HTTP_1_1);
    request.setHost(settings.hostHeader);
    request.setKeepAlive(false);
    request.set("User-Agent", "gardu");
    request.setContentType(settings.format == HttpFormat::JsonBody ? "application/json"
                                                                   : "application/x-www-form-urlencoded");
    // Gateways that know it do not send the same message twice.
    request.set("Idempotency-Key", outgoing.id);
    for (const auto& [name, value] : settings.headers) {
        request.set(name, value);
    }
    const std::string body = fillHttpBody(settings, outgoing);
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    session.sendRequest(request) << body << std::flush;
    awaitAnswer(session.socket(), settings.gateway);
    net::HTTPResponse response;
    return resultOf(response, session.receiveResponse(response));
}

}  // namespace

std::string fillHttpBody(const HttpSettings& settings, const Outgoing& outgoing) {
    const std::array<std::pair<std::string_view, const std::string*>, 4> names = {
        {{"{to}", &outgoing.to},
         {"{text}", &outgoing.message.body},
         {"{subject}", &outgoing.message.subject},
         {"{id}", &outgoing.id}}};
    std::string body;
    for (std::string_view rest = settings.body; !rest.empty();) {
        const auto found = std::find_if(names.begin(), names.end(),
                                        [&](const auto& name) { return rest.starts_with(name.first); });
        if (found == names.end()) {
            body += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        body += settings.format == HttpFormat::JsonBody ? jsonEscaped(*found->second)
                                                        : formEscaped(*found->second);
        rest.remove_prefix(found->first.size());
    }
    return body;
}

SendResult sendByHttp(const HttpSettings& settings, const Outgoing& outgoing) {
    // Words of POCO's exceptions are not used where they could hold the URL, in which tokens may be.
    try {
        return post(settings, outgoing);
    } catch (const Poco::Exception& error) {
        return {SendStatus::TryAgain, peerWords(std::string("no answer from the gateway: ") + error.name())};
    } catch (const std::exception& error) {
        return {SendStatus::TryAgain, error.what()};
    }
}

}  // namespace gardu::app
