#pragma once
// The options of package add and update that say how a package is billed, and what its quota is.

#include <memory>
#include <optional>
#include <string>

#include "app/billing_desk.h"
#include "billing/package.h"

namespace gardu::app {

struct TermsOptions {
    std::optional<std::string> billing;
    std::optional<std::string> invoiceAt;
    std::optional<std::string> firstPeriod;
    std::optional<std::string> lateRenewal;
    std::optional<std::string> whileSuspended;
    std::optional<std::string> trialDays;
    std::optional<std::string> invoiceDays;
    std::optional<std::string> dueDays;
    std::optional<std::string> tax;
    std::optional<std::string> graceDays;
    std::optional<std::string> suspendDays;
    std::optional<std::string> terminateDays;
    std::optional<std::string> noticeDays;
    std::optional<std::string> tolerance;
    std::optional<std::string> noCutWeekdays;
    std::optional<std::string> cutHours;
    std::optional<std::string> remindDays;
    std::optional<std::string> quota;
    std::optional<std::string> quotaPeriod;
    std::optional<std::string> quotaUploadWeight;
    std::optional<std::string> quotaDownloadWeight;
    std::optional<std::string> quotaFreeHours;
    std::optional<std::string> quotaOnPackageChange;
};

void addTermsOptions(CLI::App& command, TermsOptions& options);
void addQuotaOptions(CLI::App& command, TermsOptions& options);

/// Wrong ones are kept by the reader. The currency is that of the package's price.
void applyTerms(const TermsOptions& options, OptionReader& reader, billing::Package& package);
void applyQuota(const TermsOptions& options, OptionReader& reader, billing::Package& package);

}  // namespace gardu::app
