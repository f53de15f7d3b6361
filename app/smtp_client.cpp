#include "app/smtp_client.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "app/mail_message.h"
#include "billing/notification_rules.h"
#include "core/clock.h"

namespace gardu::app {

namespace {

namespace net = Poco::Net;

// POCO's own SMTP session reads on without end where a relay closes the connection within an answer.

constexpr std::size_t kLongestLine = 4'096;
constexpr std::size_t kMostLines = 100;

struct Reply {
    int code = 0;
    /// Without their codes.
    std::vector<std::string> lines;

    [[nodiscard]] bool isPositive() const { return code >= 200 && code < 300; }
    [[nodiscard]] std::string words() const {
        std::string text = std::to_string(code);
        for (const std::string& line : lines) {
            text.append(" ").append(line);
        }
        return peerWords(text);
    }
};

/// The relay will not take this message for this recipient, however often it is asked.
class MailRefused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Dialog {
public:
    explicit Dialog(const Peer& relay) : relay_(relay), socket_(connectTo(relay)) {}

    [[nodiscard]] Reply receive();
    [[nodiscard]] Reply ask(const std::string& command);
    void send(std::string_view octets);
    /// From here on in TLS. What came before is not trusted.
    void secure();
    /// "[192.0.2.1]", which is right where this machine has no name in the DNS (RFC 5321 section 4.1.3).
    [[nodiscard]] std::string ownAddress() const;
    [[nodiscard]] bool isLoopback() const { return socket_.peerAddress().host().isLoopback(); }

private:
    [[nodiscard]] std::string receiveLine();

    const Peer& relay_;
    net::StreamSocket socket_;
    std::string received_;
};

std::string Dialog::receiveLine() {
    while (true) {
        const std::size_t end = received_.find('\n');
        if (end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            if (line.ends_with('\r')) {
                line.pop_back();
            }
            return line;
        }
        if (received_.size() > kLongestLine) {
            throw PeerError("the relay sent a line without an end");
        }
        awaitAnswer(socket_, relay_);
        std::array<char, 1'024> buffer{};
        const int size = socket_.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
        if (size <= 0) {
            throw PeerError("the relay closed the connection");
        }
        received_.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

Reply Dialog::receive() {
    Reply reply;
    while (reply.lines.size() < kMostLines) {
        const std::string line = receiveLine();
        const auto [end, error] =
            std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 3), reply.code);
        if (error != std::errc{} || end != line.data() + 3 || reply.code < 200) {
            throw PeerError("the peer does not speak SMTP: " + peerWords(line));
        }
        reply.lines.push_back(line.substr(std::min<std::size_t>(line.size(), 4)));
        if (line.size() < 4 || line[3] != '-') {
            return reply;
        }
    }
    throw PeerError("the relay sent an answer without an end");
}

void Dialog::send(std::string_view octets) {
    while (!octets.empty()) {
        const int sent = socket_.sendBytes(octets.data(), static_cast<int>(octets.size()));
        if (sent <= 0) {
            throw PeerError("the relay takes nothing more");
        }
        octets.remove_prefix(static_cast<std::size_t>(sent));
    }
}

Reply Dialog::ask(const std::string& command) {
    send(command + "\r\n");
    return receive();
}

void Dialog::secure() {
    if (!received_.empty()) {
        throw PeerError("the relay, or somebody between, sent more than its answer before TLS began");
    }
    socket_ = secured(socket_, relay_);
}

std::string Dialog::ownAddress() const {
    const net::IPAddress address = socket_.address().host();
    const bool isIpv6 = address.family() == net::IPAddress::IPv6;
    return (isIpv6 ? "[IPv6:" : "[") + address.toString() + "]";
}

void mustBePositive(const Reply& reply, const char* what) {
    if (!reply.isPositive()) {
        throw PeerError(std::string(what) + ": " + reply.words());
    }
}

Reply hello(Dialog& dialog) {
    Reply reply = dialog.ask("EHLO " + dialog.ownAddress());
    mustBePositive(reply, "the relay refused EHLO");
    return reply;
}

/// The parameters of an extension that the relay offers, such as "PLAIN LOGIN" of AUTH; nothing: it does not.
std::optional<std::string> extension(const Reply& reply, std::string_view name) {
    for (const std::string& line : reply.lines) {
        const bool isIt = line.size() >= name.size() &&
                          std::equal(name.begin(), name.end(), line.begin(),
                                     [](char a, char b) { return a == (b >= 'a' && b <= 'z' ? b - 32 : b); });
        if (isIt && (line.size() == name.size() || line[name.size()] == ' ' || line[name.size()] == '=')) {
            return line.substr(std::min(line.size(), name.size() + 1));
        }
    }
    return std::nullopt;
}

void logIn(Dialog& dialog, const SmtpSettings& settings, const Reply& hello) {
    const std::string methods = " " + extension(hello, "AUTH").value_or("") + " ";
    Reply reply;
    if (methods.find(" PLAIN ") != std::string::npos) {
        std::string credentials;
        credentials.append(1, '\0').append(settings.user).append(1, '\0').append(settings.password);
        reply = dialog.ask("AUTH PLAIN " + base64(credentials));
    } else if (methods.find(" LOGIN ") != std::string::npos) {
        reply = dialog.ask("AUTH LOGIN");
        for (const std::string& answer : {settings.user, settings.password}) {
            if (reply.code == 334) {
                reply = dialog.ask(base64(answer));
            }
        }
    } else {
        throw PeerError("the relay offers neither AUTH PLAIN nor AUTH LOGIN");
    }
    mustBePositive(reply, "the relay refused the login (notify.smtp.user, notify.smtp.password)");
}

/// Up to the login; the relay is ready for a message then.
void begin(Dialog& dialog, const SmtpSettings& settings) {
    if (settings.security == SmtpSecurity::None && !dialog.isLoopback()) {
        throw PeerError("notify.smtp.security = none is for a relay on this machine, and this is none");
    }
    mustBePositive(dialog.receive(), "the relay is not ready");
    Reply greeting = hello(dialog);
    if (settings.security == SmtpSecurity::StartTls) {
        if (!extension(greeting, "STARTTLS")) {
            throw PeerError("the relay offers no STARTTLS (notify.smtp.security)");
        }
        mustBePositive(dialog.ask("STARTTLS"), "the relay refused STARTTLS");
        dialog.secure();
        greeting = hello(dialog);
    }
    if (!settings.user.empty()) {
        logIn(dialog, settings, greeting);
    }
}

/// Of the recipient or the message. RFC 3463: x.7.x is about policy and security, which an operator can
/// change: the relay does not know us.
void mustBeTaken(const Reply& reply, const char* what) {
    const bool isPolicy = !reply.lines.empty() && reply.lines.front().starts_with("5.7.");
    if (reply.code >= 500 && !isPolicy) {
        throw MailRefused(std::string(what) + ": " + reply.words());
    }
    mustBePositive(reply, what);
}

std::string deliver(Dialog& dialog, const SmtpSettings& settings, const Outgoing& outgoing) {
    mustBePositive(dialog.ask("MAIL FROM:<" + settings.from + ">"),
                   "the relay refused the sender (notify.smtp.from)");
    mustBeTaken(dialog.ask("RCPT TO:<" + outgoing.to + ">"), "the relay refused the recipient");
    const Reply ready = dialog.ask("DATA");
    if (ready.code != 354) {
        mustBeTaken(ready, "the relay refused the message");
        throw PeerError("the relay refused the message: " + ready.words());
    }
    dialog.send(mailText(
        {settings.from, outgoing.to, settings.fromName, outgoing.id, outgoing.message, core::wallNow()}));
    const Reply taken = dialog.ask(".");
    mustBeTaken(taken, "the relay refused the message");
    return taken.words();
}

void sayGoodbye(Dialog& dialog) {
    try {
        static_cast<void>(dialog.ask("QUIT"));
    } catch (const std::exception&) {
        return;  // the message is the relay's by now
    }
}

}  // namespace

SendResult sendMail(const SmtpSettings& settings, const Outgoing& outgoing) {
    if (!billing::isMailAddress(outgoing.to)) {
        return {SendStatus::Refused, "this is no e-mail address"};
    }
    try {
        Peer relay = settings.relay;
        relay.isTls = settings.security == SmtpSecurity::Tls;
        Dialog dialog(relay);
        begin(dialog, settings);
        std::string words = deliver(dialog, settings, outgoing);
        sayGoodbye(dialog);
        return {SendStatus::Sent, std::move(words)};
    } catch (const MailRefused& refused) {
        return {SendStatus::Refused, refused.what()};
    } catch (const Poco::Exception& error) {
        return {SendStatus::TryAgain, peerWords(error.displayText())};
    } catch (const std::exception& error) {
        return {SendStatus::TryAgain, error.what()};
    }
}

}  // namespace gardu::app
