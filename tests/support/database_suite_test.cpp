#include "tests/support/database_suite.h"

namespace gardu::test {

class DatabaseSuiteTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(DatabaseSuiteTest);
    CPPUNIT_TEST(runsOnTheDatabaseItIsNamedFor);
    CPPUNIT_TEST(startsFresh);
    CPPUNIT_TEST(startsFreshAgain);
    CPPUNIT_TEST_SUITE_END();

public:
    void runsOnTheDatabaseItIsNamedFor() {
        const bool isSqlite = db().dialect() == core::Dialect::Sqlite;
        CPPUNIT_ASSERT_EQUAL(backend() == Backend::Sqlite, isSqlite);
    }

    void startsFresh() { makeTheTable(); }
    // Fails where the table of the test before is still there.
    void startsFreshAgain() { makeTheTable(); }

private:
    void makeTheTable() {
        db().transact([](core::Tx& tx) { tx.execute("CREATE TABLE only_in_this_test (id BIGINT)"); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<DatabaseSuiteTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<DatabaseSuiteTest>);

}  // namespace gardu::test
