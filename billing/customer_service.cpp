#include "billing/customer_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "billing/audit_service.h"
#include "billing/customer_store.h"
#include "billing/notification.h"
#include "core/bytes.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostName = 255;
constexpr std::size_t kMostEmail = 255;
constexpr std::size_t kMostPhone = 50;
constexpr std::size_t kMostAddress = 1000;
/// Of a phone: numbers of services are short.
constexpr int kLeastDigits = 5;

Json orNull(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}

std::string auditJson(const Customer& customer) {
    const Json json = {{"id", customer.id},
                       {"name", customer.name},
                       {"email", orNull(customer.email)},
                       {"phone", orNull(customer.phone)},
                       {"address", orNull(customer.address)},
                       {"status", name(customer.status)},
                       {"language", orNull(customer.language)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void refuseProblems(const Customer& customer) {
    auto problems = customerProblems(customer);
    if (!problems.empty()) {
        throw core::Refused(std::move(problems));
    }
}

/// Who is gone is not billed on.
void refuseInactive(core::Tx& tx, const Customer& before, const Customer& after) {
    const bool becomesInactive =
        after.status == CustomerStatus::Inactive && before.status != CustomerStatus::Inactive;
    const auto username = becomesInactive ? liveSubscriptionOf(tx, before.id) : std::nullopt;
    if (username) {
        throw core::Refused({{"status", "\"" + *username +
                                            "\" of this customer would still be billed; cancel it first "
                                            "(gardu subscription cancel), or only pause it (gardu "
                                            "subscription pause)"}});
    }
}

}  // namespace

std::vector<core::FieldError> customerProblems(const Customer& customer) {
    std::vector<core::FieldError> problems;
    const auto tooLong = [&](const char* field, const std::string& text, std::size_t most) {
        if (text.size() > most) {
            problems.push_back({field, "has more than " + std::to_string(most) + " octets"});
        }
    };
    if (customer.name.find_first_not_of(' ') == std::string::npos) {
        problems.push_back({"name", "is empty: write who pays"});
    }
    tooLong("name", customer.name, kMostName);
    if (!core::isPrintableUtf8(core::asBytes(customer.name))) {
        problems.push_back({"name", "write printable UTF-8: one line, no control characters"});
    }
    const bool isPhone =
        !customer.phone || (customer.phone->find_first_not_of("0123456789+- ") == std::string::npos &&
                            std::count_if(customer.phone->begin(), customer.phone->end(),
                                          [](char c) { return c >= '0' && c <= '9'; }) >= kLeastDigits);
    if (!isPhone) {
        problems.push_back(
            {"phone",
             "\"" + *customer.phone + "\": write at least 5 digits, with +, blanks and dashes among them"});
    }
    tooLong("email", customer.email.value_or(""), kMostEmail);
    tooLong("phone", customer.phone.value_or(""), kMostPhone);
    tooLong("address", customer.address.value_or(""), kMostAddress);
    const std::string email = customer.email.value_or("a@b");
    const bool isAddress = email.find('@') != std::string::npos && email.front() != '@' &&
                           email.back() != '@' && email.find_first_of(" \r\n\t,;<>") == std::string::npos;
    if (!isAddress) {
        problems.push_back({"email", "\"" + email + "\": write one address such as budi@example.net"});
    }
    if (customer.language && !parseLanguage(*customer.language)) {
        problems.push_back({"language", "\"" + *customer.language + "\": write id or en, or none"});
    }
    return problems;
}

Customer addCustomer(core::Db& db, Customer customer, const Act& act) {
    refuseProblems(customer);
    customer.id = core::newId(act.now);
    db.transact([&](core::Tx& tx) {
        insertCustomers(tx, {customer}, act.now);
        audit(tx, act, {"customer add", "customer", customer.id, std::nullopt, auditJson(customer)});
    });
    return customer;
}

Customer updateCustomer(core::Db& db, const std::string& id, const std::function<void(Customer&)>& change,
                        const Act& act) {
    return db.transact([&](core::Tx& tx) {
        const auto before = lockCustomer(tx, id);
        if (!before) {
            throw core::Refused("there is no customer " + id + "; gardu customer list shows all");
        }
        Customer customer = *before;
        change(customer);
        refuseProblems(customer);
        refuseInactive(tx, *before, customer);
        updateCustomer(tx, customer, act.now);
        audit(tx, act, {"customer update", "customer", id, auditJson(*before), auditJson(customer)});
        return customer;
    });
}

}  // namespace gardu::billing
