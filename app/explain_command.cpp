// explain USERNAME [--at TIME].

#include <memory>

#include "app/billing_desk.h"
#include "app/json_values.h"
#include "app/json_views.h"
#include "app/quota_views.h"
#include "billing/package_store.h"
#include "billing/username.h"
#include "core/check.h"
#include "core/clock.h"
#include "radius/access_policy.h"
#include "radius/reply.h"
#include "radius/wire.h"

namespace gardu::app {

namespace {

struct ExplainArguments {
    std::string username;
    std::string at;
};

struct Subject {
    billing::SubscriberRecord record;
    billing::Package package;
    std::optional<radius::QuotaStanding> quota;
};

std::optional<Subject> find(Workplace& workplace, const std::string& username, core::Instant at) {
    return workplace.db().read([&](core::Tx& tx) -> std::optional<Subject> {
        auto record = billing::findSubscriber(tx, billing::usernameKey(username));
        if (!record) {
            return std::nullopt;
        }
        auto package = billing::findPackageByName(tx, record->packageName);
        core::check(package.has_value(), "a subscription without its package");
        Subject subject{std::move(*record), std::move(*package), std::nullopt};
        const radius::QuotaQuestion question{{subject.record.subscription.id}};
        for (auto& standing : radius::quotaStandings(tx, workplace.config().zone(), question, at)) {
            // As it is now, whether or not a server has noted it yet.
            subject.record.quota = standing.state.use;
            subject.quota = std::move(standing);
        }
        return subject;
    });
}

Json attributeList(const radius::Attributes& attributes) {
    Json list = Json::array();
    for (const radius::Attribute& attribute : attributes) {
        list.push_back(
            {{"name", radius::attributeName(attribute.id)}, {"value", radius::attributeText(attribute)}});
    }
    return list;
}

/// The reply to a right password. Without chance: Session-Timeout and Acct-Interim-Interval are sent with
/// jitter.
radius::Attributes replyAttributes(const radius::AccessDecision& decision, core::Instant at) {
    const radius::ReplyMoment moment{at, 0};
    if (decision.outcome == radius::AccessOutcome::Reject) {
        return radius::rejectAttributes(decision, {}, moment);
    }
    radius::Attributes attributes = radius::acceptAttributes(decision, "", moment);
    // Class names the session, which there is none of.
    std::erase_if(attributes,
                  [](const radius::Attribute& attribute) { return attribute.id == radius::attr::kClass; });
    for (radius::Attribute& attribute : attributes) {
        if (attribute.id == radius::attr::kAcctInterimInterval) {
            attribute = radius::integerAttribute(
                attribute.id, static_cast<std::uint32_t>(decision.entitlement.interimSeconds));
        }
    }
    return attributes;
}

Json rulesFor(const std::optional<Subject>& subject, const billing::SubscriberFacts& facts,
              core::Instant at) {
    Json rules = Json::array();
    rules.push_back({{"rule", "unknown_user"},
                     {"question", "is there no subscriber of this name?"},
                     {"applies", !subject.has_value()}});
    if (!subject) {
        return rules;
    }
    for (const billing::RuleOutcome& outcome : billing::explainEntitlement(facts, at)) {
        rules.push_back({{"rule", outcome.rule}, {"question", outcome.words}, {"applies", outcome.decides}});
    }
    return rules;
}

std::string toText(const Json& document) {
    std::string text =
        document.at("username").get<std::string>() + " at " + document.at("at_local").get<std::string>() +
        ": " + document.at("outcome").get<std::string>() + ", because " +
        document.at("words").get<std::string>() + "\n\nRules, in order, up to the one that decides:\n";
    for (const Json& rule : document.at("rules")) {
        text += std::string(rule.at("applies").get<bool>() ? "  YES  " : "  no   ") +
                rule.at("question").get<std::string>() + "  (" + rule.at("rule").get<std::string>() + ")\n";
    }
    if (document.contains("package")) {
        text += "\nPackage " + document.at("package").get<std::string>() + ", on expiry " +
                document.at("on_expiry").get<std::string>() + ", last day of access " +
                (document.at("end_date").is_null() ? "none" : plain(document.at("end_date"))) + "\n";
        text += "Dunning stage " + plain(document.at("stage"));
        if (!document.at("held_until").is_null()) {
            text += ", not cut off for money until " + plain(document.at("held_until"));
        }
        text += "\n";
    }
    if (document.contains("quota") && !document.at("quota").is_null()) {
        text += "Quota: " + plain(document.at("quota_words")) + "\n";
    }
    text += "\nAttributes of the reply to a right password:\n";
    for (const Json& attribute : document.at("attributes")) {
        text += "  " + attribute.at("name").get<std::string>() + " = " +
                attribute.at("value").get<std::string>() + "\n";
    }
    return text;
}

Result run(Workplace& workplace, const ExplainArguments& arguments) {
    const core::Zone zone = workplace.config().zone();
    core::Instant at = core::wallNow();
    if (!arguments.at.empty()) {
        const auto wanted = parseMoment(arguments.at, zone);
        if (!wanted) {
            throw WrongUsage(std::vector<core::FieldError>{
                {"at", "\"" + arguments.at +
                           "\": write a time as 2027-02-15T13:00:00+07:00, or \"2027-02-15 13:00\" in the "
                           "zone " +
                           zone.name()}});
        }
        at = *wanted;
    }
    workplace.startWire();
    const auto subject = find(workplace, arguments.username, at);
    billing::SubscriberFacts facts;
    radius::AccessDecision decision = radius::rejectUnknownUser();
    if (subject) {
        facts =
            billing::subscriberFacts(subject->record,
                                     std::make_shared<const billing::PackagePolicy>(billing::packagePolicy(
                                         subject->package, workplace.policyDefaults())),
                                     zone);
        decision = radius::decideAccess({true, std::nullopt}, billing::entitlement(facts, at));
    }
    Json document = {{"username", arguments.username},
                     {"at", core::formatInstant(at)},
                     {"at_local", zone.format(at)},
                     {"outcome", name(decision.outcome)},
                     {"reason", decision.reason},
                     {"words", radius::reasonInWords(decision.reason)},
                     {"rules", rulesFor(subject, facts, at)},
                     {"attributes", attributeList(replyAttributes(decision, at))}};
    if (subject) {
        const auto& endDate = subject->record.subscription.endDate;
        document["package"] = subject->package.name;
        document["on_expiry"] = name(subject->package.onExpiry);
        document["end_date"] = endDate ? Json(core::formatDate(*endDate)) : Json(nullptr);
        document["access_until"] = orNull(facts.accessUntil);
        document["stage"] = name(facts.stage);
        document["held_until"] = orNull(facts.heldUntil);
        document["quota"] = subject->quota ? toJson(*subject->quota) : Json(nullptr);
        document["quota_words"] = subject->quota ? Json(inWords(*subject->quota, zone)) : Json(nullptr);
    }
    return {document, toText(localTimes(document, zone))};
}

}  // namespace

void addExplainCommand(CommandLine& line) {
    const auto arguments = std::make_shared<ExplainArguments>();
    CLI::App& command =
        line.command(line.root(), "explain", "why a user is let in, isolated or rejected",
                     [arguments](Workplace& workplace) { return run(workplace, *arguments); });
    command.add_option("USERNAME", arguments->username, "who")->required();
    command.add_option("--at", arguments->at,
                       "at that time instead of now: 2027-02-15T13:00:00+07:00, or \"2027-02-15 13:00\"");
}

}  // namespace gardu::app
