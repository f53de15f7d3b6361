#include "billing/catalog_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "billing/audit_service.h"
#include "billing/discount_store.h"
#include "billing/invoice_store.h"
#include "billing/subscription_store.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostCode = 20;
constexpr std::size_t kMostName = 100;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string auditJson(const Tax& tax) {
    return dump(
        {{"code", tax.code}, {"name", tax.name}, {"rate_ppm", tax.ratePpm}, {"inclusive", tax.inclusive}});
}

std::string auditJson(const Holiday& holiday) {
    return dump({{"day", core::formatDate(holiday.day)}, {"name", holiday.name}});
}

std::string auditJson(const Discount& discount) {
    return dump({{"id", discount.id},
                 {"name", discount.name},
                 {"rate_ppm", discount.ratePpm ? Json(*discount.ratePpm) : Json(nullptr)},
                 {"amount_minor", discount.amount ? Json(*discount.amount) : Json(nullptr)},
                 {"starts_on", core::formatDate(discount.startsOn)},
                 {"ends_on", discount.endsOn ? Json(core::formatDate(*discount.endsOn)) : Json(nullptr)}});
}

void checkName(const std::string& name, std::vector<core::FieldError>& problems) {
    if (name.find_first_not_of(' ') == std::string::npos || name.size() > kMostName) {
        problems.push_back({"name", "write 1 to " + std::to_string(kMostName) + " octets"});
    }
}

void refuse(std::vector<core::FieldError> problems) {
    if (!problems.empty()) {
        throw core::Refused(std::move(problems));
    }
}

void refuseTaxProblems(const Tax& tax) {
    std::vector<core::FieldError> problems;
    const bool isCode = !tax.code.empty() && tax.code.size() <= kMostCode &&
                        std::all_of(tax.code.begin(), tax.code.end(), [](char c) {
                            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                   (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
                        });
    if (!isCode || tax.code == "none") {
        problems.push_back({"code", "\"" + tax.code + "\": write 1 to 20 letters and digits, such as PPN11"});
    }
    checkName(tax.name, problems);
    refuse(std::move(problems));
}

void refuseDiscountProblems(const Discount& discount) {
    std::vector<core::FieldError> problems;
    checkName(discount.name, problems);
    if (discount.ratePpm.has_value() == discount.amount.has_value()) {
        problems.push_back({"rate", "give one of both: a rate such as 10%, or an amount"});
    }
    if (discount.ratePpm.value_or(1) <= 0) {
        problems.push_back({"rate", "write more than 0%, at most 100%"});
    }
    if (discount.amount.value_or(1) <= 0) {
        problems.push_back({"amount", "write more than 0"});
    }
    if (discount.endsOn && *discount.endsOn < discount.startsOn) {
        problems.push_back({"until", "is before the first day, " + core::formatDate(discount.startsOn)});
    }
    refuse(std::move(problems));
}

std::optional<Holiday> findHoliday(core::Tx& tx, core::Date day) {
    for (Holiday& holiday : listHolidays(tx)) {
        if (holiday.day == day) {
            return std::move(holiday);
        }
    }
    return std::nullopt;
}

}  // namespace

void addTax(core::Db& db, const Tax& tax, const Act& act) {
    refuseTaxProblems(tax);
    try {
        db.transact([&](core::Tx& tx) {
            insertTax(tx, tax, act.now);
            audit(tx, act, {"tax add", "tax", tax.code, std::nullopt, auditJson(tax)});
        });
    } catch (const core::DuplicateKey&) {
        throw core::Refused({{"code", "there is a tax \"" + tax.code +
                                          "\" already, and rates never change: write a new code, and set it "
                                          "at the packages"}});
    }
}

void addHoliday(core::Db& db, const Holiday& holiday, const Act& act) {
    std::vector<core::FieldError> problems;
    checkName(holiday.name, problems);
    refuse(std::move(problems));
    db.transact([&](core::Tx& tx) {
        const auto before = findHoliday(tx, holiday.day);
        putHoliday(tx, holiday);
        audit(tx, act,
              {"holiday add", "holiday", core::formatDate(holiday.day),
               before ? std::optional(auditJson(*before)) : std::nullopt, auditJson(holiday)});
    });
}

void removeHoliday(core::Db& db, core::Date day, const Act& act) {
    db.transact([&](core::Tx& tx) {
        const auto before = findHoliday(tx, day);
        if (!before) {
            throw core::Refused(core::formatDate(day) + " is no holiday; gardu holiday list shows all");
        }
        deleteHoliday(tx, day);
        audit(tx, act,
              {"holiday remove", "holiday", core::formatDate(day), auditJson(*before), std::nullopt});
    });
}

Discount addDiscount(core::Db& db, const std::string& subscriptionId, Discount discount, const Act& act) {
    refuseDiscountProblems(discount);
    discount.id = core::newId(act.now);
    db.transact([&](core::Tx& tx) {
        insertDiscount(tx, subscriptionId, discount, act.now);
        // Credit may cover what is cheaper now.
        wakeSubscription(tx, subscriptionId);
        audit(tx, act, {"discount add", "subscription", subscriptionId, std::nullopt, auditJson(discount)});
    });
    return discount;
}

Discount endDiscount(core::Db& db, const std::string& discountId, core::Date lastDay, const Act& act) {
    return db.transact([&](core::Tx& tx) {
        const auto before = findDiscount(tx, discountId);
        if (!before) {
            throw core::Refused("there is no discount " + discountId +
                                "; gardu subscription discount list USERNAME shows them");
        }
        Discount after = before->discount;
        after.endsOn = lastDay;
        endDiscount(tx, discountId, lastDay);
        audit(tx, act,
              {"discount end", "subscription", before->subscriptionId, auditJson(before->discount),
               auditJson(after)});
        return after;
    });
}

}  // namespace gardu::billing
