#include "app/mail_message.h"

#include <Poco/Base64Encoder.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

namespace gardu::app {

namespace {

/// RFC 2047 section 2: an encoded word has at most 75 characters, and a line with one 76; this many octets
/// leave room for the header's name.
constexpr std::size_t kOctetsAWord = 36;
/// RFC 2045 section 6.8.
constexpr std::size_t kBase64Line = 76;

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// As encoded words, each of whole letters.
std::string encodedWords(std::string_view text) {
    std::string words;
    while (!text.empty()) {
        std::size_t size = std::min(text.size(), kOctetsAWord);
        while (size < text.size() && size > 1 && isContinuation(text[size])) {
            --size;
        }
        words.append(words.empty() ? "" : "\r\n ").append("=?UTF-8?B?");
        words.append(base64(text.substr(0, size))).append("?=");
        text.remove_prefix(size);
    }
    return words;
}

/// Text of people in a header: as it is where it is short and plain.
std::string headerText(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
    const bool isPlain = text.size() <= kOctetsAWord && std::all_of(text.begin(), text.end(), [](char c) {
                             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                    (c >= 'A' && c <= 'Z') || c == ' ' || c == '-';
                         });
    return isPlain ? text : encodedWords(text);
}

/// RFC 5322 section 3.3.
std::string dateHeader(core::Instant instant) {
    static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto days = std::chrono::floor<std::chrono::days>(instant);
    const core::Date date(days);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(instant - days));
    std::array<char, 64> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%s, %u %s %d %02d:%02d:%02d +0000",
                      kDays.at(std::chrono::weekday(days).c_encoding()), static_cast<unsigned>(date.day()),
                      kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                      static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

/// Each line with CR LF at its end (RFC 2046 section 4.1.1), then base64 in lines.
std::string encodedBody(std::string_view body) {
    std::string lines;
    lines.reserve(body.size() + 64);
    for (const char c : body) {
        if (c == '\n') {
            lines += '\r';
        }
        if (c != '\r') {
            lines += c;
        }
    }
    const std::string encoded = base64(lines);
    std::string text;
    for (std::size_t at = 0; at < encoded.size(); at += kBase64Line) {
        text.append(encoded, at, kBase64Line).append("\r\n");
    }
    return text;
}

}  // namespace

std::string base64(std::string_view octets) {
    std::ostringstream text;
    Poco::Base64Encoder encoder(text);
    encoder.rdbuf()->setLineLength(0);
    encoder.write(octets.data(), static_cast<std::streamsize>(octets.size()));
    encoder.close();
    return text.str();
}

std::string mailText(const Mail& mail) {
    std::string text = "Date: " + dateHeader(mail.sentAt) + "\r\nFrom: ";
    text.append(mail.fromName.empty() ? "" : headerText(mail.fromName) + " ");
    text.append("<").append(mail.from).append(">\r\nTo: <").append(mail.to).append(">\r\nSubject: ");
    text.append(headerText(mail.message.subject)).append("\r\nMessage-ID: <").append(mail.id);
    text.append(mail.from.substr(mail.from.rfind('@'))).append(">\r\n");
    // RFC 3834 section 5: no automatic answers, please.
    text.append(
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    return text.append(encodedBody(mail.message.body));
}

}  // namespace gardu::app
