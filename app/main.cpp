#include <sys/stat.h>

#include <exception>
#include <iostream>

#include "app/command_line.h"

int main(int argc, char** argv) {
    umask(S_IRWXG | S_IRWXO);  // the database and the key are the owner's alone
    try {
        gardu::app::CommandLine line;
        gardu::app::addServeCommands(line);
        gardu::app::addNasCommands(line);
        gardu::app::addPackageCommands(line);
        gardu::app::addSubscriberCommands(line);
        gardu::app::addOutboxCommands(line);
        gardu::app::addImportCommands(line);
        gardu::app::addExplainCommand(line);
        gardu::app::addLogCommands(line);
        gardu::app::addSessionCommands(line);
        gardu::app::addUsageCommands(line);
        gardu::app::addQuotaCommands(line);
        gardu::app::addEnforcementCommands(line);
        gardu::app::addCustomerCommands(line);
        gardu::app::addTaxCommands(line);
        gardu::app::addSubscriptionCommands(line);
        gardu::app::addInvoiceCommands(line);
        gardu::app::addPaymentCommands(line);
        gardu::app::addLedgerCommands(line);
        gardu::app::addBillingCommands(line);
        gardu::app::addSimulateCommand(line);
        gardu::app::addReportCommands(line);
        return line.run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "gardu: " << error.what() << "\n";
        return 1;
    }
}
