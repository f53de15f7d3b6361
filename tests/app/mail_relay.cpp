#include "tests/app/mail_relay.h"

#include <cppunit/TestAssert.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>

namespace gardu::test {

namespace {

constexpr std::chrono::seconds kLimit{10};
constexpr std::chrono::milliseconds kPause{20};

}  // namespace

Certificate::Certificate(const std::string& names) {
    runOrThrow({.program = "openssl",
                .arguments = {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                              "-nodes", "-days", "2", "-subj", "/CN=gardu-test", "-addext",
                              "subjectAltName=" + names, "-keyout", keyFile(), "-out", file()}});
}

MailRelay::MailRelay(std::vector<std::string> words, const Certificate* certificate) {
    const auto script = std::filesystem::path(GARDU_VECTORS_DIR).parent_path() / "app" / "mail_relay.py";
    words.insert(words.begin(), script.string());
    if (certificate != nullptr) {
        caFile_ = certificate->file();
        words.push_back(certificate->file());
        words.push_back(certificate->keyFile());
    }
    process_ = std::make_unique<Process>(ProcessStart{.program = "/usr/bin/python3", .arguments = words});
    port_ = std::stoi(process_->waitForLine("port ", kLimit).substr(5));
}

app::Peer MailRelay::peer() const {
    return {.host = "localhost",
            .port = port_,
            .isTls = false,
            .caFile = caFile_,
            .timeout = std::chrono::milliseconds(2'000),
            .stop = {}};
}

std::vector<nlohmann::json> MailRelay::gotSoFar() const {
    std::vector<nlohmann::json> all;
    std::istringstream lines(process_->output());
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("{") && line.ends_with("}")) {
            all.push_back(nlohmann::json::parse(line));
        }
    }
    return all;
}

std::vector<nlohmann::json> MailRelay::got(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    while (gotSoFar().size() < count && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(kPause);
    }
    auto all = gotSoFar();
    CPPUNIT_ASSERT_EQUAL_MESSAGE(process_->output() + process_->errors(), count, all.size());
    return all;
}

app::Outgoing messageTo(const std::string& to) {
    return {"0195-id",
            to,
            {"Tagihan INV-2027-000007: Rp 150.000, jatuh tempo 15 Februari 2027 \xe2\x80\x93 "
             "\xc3\xbc\xf0\x9f\x98\x80",
             "Yth. Bu \"Sri\",\n\n.\n.. dua titik\nJumlah: Rp 150.000 \xe2\x82\xac\n\xf0\x9f\x98\x80 "
             "{to} {\n\\\nsebaris yang panjang, lebih dari tujuh puluh delapan huruf, supaya harus "
             "dipotong\n"}};
}

}  // namespace gardu::test
