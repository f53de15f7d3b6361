#pragma once
// What a billing run or a simulation would do, added up account by account in bounded memory: sums of all,
// and the first accounts one by one. One thread's.

#include <map>
#include <string>

#include "app/account_views.h"
#include "billing/billing_run.h"
#include "billing/simulation.h"

namespace gardu::app {

/// Sums by currency code, since packages may have different ones.
class MoneySums {
public:
    void add(std::int64_t minor, const core::Currency& currency);
    /// [{"amount_minor", "currency", "text"}], by code.
    [[nodiscard]] Json document() const;

private:
    std::map<std::string, core::Money> sums_;
};

/// Of a run that stores nothing.
class DryRun {
public:
    /// `most`: accounts that are listed.
    DryRun(AccountMoment moment, int most)
        : moment_(std::move(moment)), most_(static_cast<std::size_t>(most)) {}

    void add(const billing::AccountResult& result);
    [[nodiscard]] Json document() const;
    [[nodiscard]] std::string text() const;

private:
    AccountMoment moment_;
    std::size_t most_;
    std::size_t changed_ = 0;
    MoneySums invoiced_;
    Json accounts_ = Json::array();
};

/// Of accounts that lived through some time alone.
class Simulation {
public:
    Simulation(core::Zone zone, int most) : zone_(std::move(zone)), most_(static_cast<std::size_t>(most)) {}

    void add(const billing::Account& account, const billing::SimulatedAccount& result);
    [[nodiscard]] Json document() const;
    [[nodiscard]] std::string text() const;

private:
    void addAccess(const std::vector<billing::AccessChange>& changes);
    void addRow(const billing::Account& account, const billing::SimulatedAccount& result,
                const MoneySums& invoiced);

    core::Zone zone_;
    std::size_t most_;
    std::int64_t seen_ = 0;
    std::int64_t changed_ = 0;
    std::int64_t documents_ = 0;
    std::int64_t cut_ = 0;
    std::int64_t restored_ = 0;
    std::int64_t accessChanges_ = 0;
    std::int64_t parked_ = 0;
    MoneySums before_;
    MoneySums after_;
    MoneySums invoiced_;
    /// "2027-02"
    std::map<std::string, MoneySums> months_;
    Json accounts_ = Json::array();
    Json access_ = Json::array();
};

}  // namespace gardu::app
