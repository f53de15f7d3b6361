#include "billing/subscriber_import_service.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>

#include "billing/audit_service.h"
#include "billing/customer_store.h"
#include "billing/package_store.h"
#include "billing/record_json.h"
#include "billing/subscriber_input.h"
#include "billing/subscriber_service.h"
#include "billing/username.h"
#include "core/csv.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

/// Rows of one transaction, and of one look-up.
constexpr std::size_t kBatch = 500;

struct PendingRow {
    std::size_t line = 0;
    SubscriberInput input;
};

using CustomerKey = std::pair<std::string, std::string>;

class Import {
public:
    Import(core::Db& db, const core::Vault& vault, const ImportOptions& options)
        : db_(db), vault_(vault), options_(options) {}

    ImportReport run(std::istream& csv) {
        std::size_t bytesRead = 0;
        core::readCsv(
            csv,
            [&](const core::CsvRow& row) {
                take(row);
                if (pending_.size() == kBatch) {
                    flush(bytesRead);
                }
            },
            bytesRead);
        if (!header_) {
            throw core::Refused("the file is empty; its first line names the columns");
        }
        flush(bytesRead);
        std::stable_sort(report_.problems.begin(), report_.problems.end(),
                         [](const ImportProblem& a, const ImportProblem& b) { return a.line < b.line; });
        return std::move(report_);
    }

private:
    void take(const core::CsvRow& row) {
        if (!header_) {
            auto header = SubscriberHeader::read(row.fields);
            if (const auto* problem = std::get_if<std::string>(&header)) {
                throw core::Refused("line " + std::to_string(row.line) + ": " +
                                    (row.problem.empty() ? *problem : row.problem));
            }
            header_ = std::get<SubscriberHeader>(std::move(header));
            return;
        }
        ++report_.rows;
        if (!row.problem.empty()) {
            report_.problems.push_back({row.line, "", row.problem});
            return;
        }
        std::vector<core::FieldError> errors;
        SubscriberInput input = header_->readRow(row.fields, options_.today, errors);
        if (errors.empty()) {
            checkAgainstFile(input, row.line, errors);
        }
        if (!errors.empty()) {
            report_.problems.push_back({row.line, input.username, core::Refused(std::move(errors)).what()});
            return;
        }
        pending_.push_back({row.line, std::move(input)});
    }

    void checkAgainstFile(const SubscriberInput& input, std::size_t line,
                          std::vector<core::FieldError>& errors) {
        const auto [name, nameIsNew] = lineOfName_.try_emplace(usernameKey(input.username), line);
        if (!nameIsNew) {
            errors.push_back({"username", "is in line " + std::to_string(name->second) + " already"});
        }
        if (input.addresses.ipv4) {
            const auto [address, addressIsNew] = lineOfAddress_.try_emplace(*input.addresses.ipv4, line);
            if (!addressIsNew) {
                errors.push_back({"static_ip", "is in line " + std::to_string(address->second) + " already"});
            }
        }
    }

    void flush(std::size_t bytesRead) {
        const ImportReport batch = transactBatch();
        report_.imported += batch.imported;
        report_.unchanged += batch.unchanged;
        report_.problems.insert(report_.problems.end(), batch.problems.begin(), batch.problems.end());
        pending_.clear();
        if (options_.progress) {
            options_.progress(bytesRead, report_.rows);
        }
    }

    ImportReport transactBatch() {
        try {
            return db_.transact([&](core::Tx& tx) { return writeBatch(tx); });
        } catch (const core::DuplicateKey&) {
            // Another node took a name between the look-up and the write: now it is seen.
            return db_.transact([&](core::Tx& tx) { return writeBatch(tx); });
        }
    }

    /// What became of this batch; a transaction that is tried again tells it anew.
    ImportReport writeBatch(core::Tx& tx) {
        ImportReport batch;
        loadBatch(tx);
        std::vector<Customer> customers;
        std::vector<Subscription> subscriptions;
        for (const PendingRow& row : pending_) {
            if (const auto problem = problemOf(row)) {
                batch.problems.push_back({row.line, row.input.username, *problem});
            } else if (known_.contains(usernameKey(row.input.username))) {
                ++batch.unchanged;
            } else {
                ++batch.imported;
                subscriptions.push_back(makeSubscription(row.input, customers));
            }
        }
        if (!options_.dryRun) {
            insertCustomers(tx, customers, options_.act.now);
            insertSubscriptions(tx, subscriptions, options_.act.now);
            auditAll(tx, subscriptions);
        }
        return batch;
    }

    void auditAll(core::Tx& tx, const std::vector<Subscription>& subscriptions) {
        std::vector<AuditedAction> actions;
        actions.reserve(subscriptions.size());
        for (const Subscription& subscription : subscriptions) {
            actions.push_back({"subscriber import", "subscription", subscription.id, std::nullopt,
                               recordJson(subscription)});
        }
        audit(tx, options_.act, std::move(actions));
    }

    /// What the database has of this batch.
    void loadBatch(core::Tx& tx) {
        packages_.clear();
        for (const Package& package : listPackages(tx)) {
            packages_.emplace(package.name, package.id);
        }
        std::vector<std::string> keys;
        std::vector<std::string> addresses;
        std::vector<std::string> names;
        for (const PendingRow& row : pending_) {
            keys.push_back(usernameKey(row.input.username));
            if (row.input.addresses.ipv4) {
                addresses.push_back(*row.input.addresses.ipv4);
            }
            if (row.input.phone) {
                names.push_back(customerName(row.input));
            }
        }
        known_.clear();
        for (SubscriberRecord& record : findSubscribers(tx, keys)) {
            std::string key = record.usernameKey;
            known_.emplace(std::move(key), std::move(record));
        }
        takenAddresses_.clear();
        for (std::string& address : takenStaticAddresses(tx, addresses)) {
            takenAddresses_.emplace(std::move(address), true);
        }
        customers_.clear();
        for (const Customer& customer : findCustomersByNames(tx, names)) {
            if (customer.phone) {
                customers_.emplace(CustomerKey{customer.name, *customer.phone}, customer.id);
            }
        }
    }

    static std::string customerName(const SubscriberInput& input) {
        return input.customerName.empty() ? input.username : input.customerName;
    }

    [[nodiscard]] std::optional<std::string> problemOf(const PendingRow& row) const {
        const SubscriberInput& input = row.input;
        if (!packages_.contains(input.packageName)) {
            return "package: there is no package \"" + input.packageName + "\"";
        }
        const auto found = known_.find(usernameKey(input.username));
        if (found != known_.end()) {
            const std::string difference = differenceTo(found->second, input);
            return difference.empty() ? std::nullopt
                                      : std::optional(
                                            "username: there is a subscriber of this name already, with "
                                            "another " +
                                            difference);
        }
        if (input.addresses.ipv4 && takenAddresses_.contains(*input.addresses.ipv4)) {
            return "static_ip: " + *input.addresses.ipv4 + " belongs to another subscriber already";
        }
        return std::nullopt;
    }

    /// The field in which the stored subscriber is another than the row; empty where they are the same.
    [[nodiscard]] std::string differenceTo(const SubscriberRecord& record,
                                           const SubscriberInput& input) const {
        const Subscription& stored = record.subscription;
        if (record.packageName != input.packageName) {
            return "package";
        }
        if (stored.endDate != input.endDate) {
            return "end_date";
        }
        if (input.startDateIsGiven && stored.startDate != input.startDate) {
            return "start_date";
        }
        if (stored.addresses != input.addresses) {
            return "address";
        }
        if (!input.customerName.empty() && record.customerName != input.customerName) {
            return "customer";
        }
        const core::Secret password = vault_.open(passwordCell(stored.id), stored.sealedPassword);
        return core::equalConstantTime(password.bytes(), core::asBytes(input.password)) ? "" : "password";
    }

    Subscription makeSubscription(const SubscriberInput& input, std::vector<Customer>& newCustomers) {
        Subscription subscription;
        subscription.id = core::newId(options_.act.now);
        subscription.customerId = customerOf(input, newCustomers);
        subscription.packageId = packages_.at(input.packageName);
        subscription.username = input.username;
        subscription.sealedPassword = vault_.seal(passwordCell(subscription.id), input.password);
        subscription.startDate = input.startDate;
        subscription.endDate = input.endDate;
        subscription.addresses = input.addresses;
        return subscription;
    }

    std::string customerOf(const SubscriberInput& input, std::vector<Customer>& newCustomers) {
        const CustomerKey key{customerName(input), input.phone.value_or("")};
        if (const auto known = customers_.find(key); input.phone && known != customers_.end()) {
            return known->second;
        }
        Customer customer;
        customer.id = core::newId(options_.act.now);
        customer.name = customerName(input);
        customer.phone = input.phone;
        customer.email = input.email;
        customer.address = input.address;
        if (input.phone) {
            customers_.emplace(key, customer.id);
        }
        newCustomers.push_back(customer);
        return customer.id;
    }

    core::Db& db_;
    const core::Vault& vault_;
    const ImportOptions& options_;
    ImportReport report_;
    std::optional<SubscriberHeader> header_;
    std::vector<PendingRow> pending_;
    std::unordered_map<std::string, std::size_t> lineOfName_;
    std::unordered_map<std::string, std::size_t> lineOfAddress_;
    // Of the current batch:
    std::unordered_map<std::string, std::string> packages_;
    std::unordered_map<std::string, SubscriberRecord> known_;
    std::unordered_map<std::string, bool> takenAddresses_;
    std::map<CustomerKey, std::string> customers_;
};

}  // namespace

ImportReport importSubscribers(core::Db& db, const core::Vault& vault, std::istream& csv,
                               const ImportOptions& options) {
    return Import(db, vault, options).run(csv);
}

}  // namespace gardu::billing
