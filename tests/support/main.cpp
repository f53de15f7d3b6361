// Runs every registered CppUnit test; with arguments, or GARDU_TEST_CASES in the environment, only those
// whose name holds one of the words. --list prints the names.
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/Test.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using Words = std::vector<std::string>;

bool isWanted(const std::string& name, const Words& words) {
    bool wanted = words.empty();
    for (const std::string& word : words) {
        wanted = wanted || name.find(word) != std::string::npos;
    }
    return wanted;
}

void collect(CppUnit::Test& test, const Words& words, std::vector<CppUnit::Test*>& chosen) {
    if (test.getChildTestCount() == 0 && isWanted(test.getName(), words)) {
        chosen.push_back(&test);
    }
    for (int child = 0; child < test.getChildTestCount(); ++child) {
        collect(*test.getChildTestAt(child), words, chosen);
    }
}

int run(const std::vector<CppUnit::Test*>& tests, bool isVerbose) {
    CppUnit::TestResult events;
    CppUnit::TestResultCollector results;
    CppUnit::BriefTestProgressListener progress;
    events.addListener(&results);
    if (isVerbose) {
        events.addListener(&progress);
    }
    for (CppUnit::Test* test : tests) {
        test->run(&events);
    }
    CppUnit::CompilerOutputter(&results, std::cerr).write();
    std::cout << results.runTests() << " tests, " << results.testFailuresTotal() << " failed\n";
    return results.wasSuccessful() && results.runTests() > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Words words(argv + 1, argv + argc);
    const char* cases =
        std::getenv("GARDU_TEST_CASES");  // NOLINT(concurrency-mt-unsafe): no thread has started
    if (cases != nullptr && words.empty()) {
        words.emplace_back(cases);
    }
    const bool isList = words == Words{"--list"};
    const std::unique_ptr<CppUnit::Test> all(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
    std::vector<CppUnit::Test*> chosen;
    collect(*all, isList ? Words{} : words, chosen);
    if (!isList) {
        return run(chosen, !words.empty());
    }
    for (const CppUnit::Test* test : chosen) {
        std::cout << test->getName() << '\n';
    }
    return 0;
}
