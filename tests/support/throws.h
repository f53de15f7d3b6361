#pragma once
// CPPUNIT_ASSERT_THROW as a question, for functions whose result is not to be thrown away.

namespace gardu::test {

/// Whether the function throws an Exception; any other exception goes on to the test.
template <class Exception, class Function>
[[nodiscard]] bool throws(Function&& function) {
    try {
        (void)function();
    } catch (const Exception&) {
        return true;
    }
    return false;
}

}  // namespace gardu::test
