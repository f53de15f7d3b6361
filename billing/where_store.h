#pragma once
// The conditions of a list that a caller wants, and their parameters, for the stores: constants and question
// marks only.

#include <initializer_list>
#include <string>

#include "core/db.h"

namespace gardu::billing {

class Where {
public:
    /// `condition` is a constant with one question mark for each value.
    void add(const char* condition, const core::Values& values = {}) {
        conditions_ += conditions_.empty() ? " WHERE " : " AND ";
        conditions_ += condition;
        values_.insert(values_.end(), values.begin(), values.end());
    }
    /// The same, where there is a value.
    template <class T>
    void addIf(const char* condition, const std::optional<T>& value) {
        if (value) {
            add(condition, {core::toValue(value)});
        }
    }
    /// "SELECT ... WHERE ... tail"; `last` are the parameters of the tail.
    [[nodiscard]] core::Rows query(core::Tx& tx, const std::string& select, const char* tail,
                                   const core::Values& last = {}) const {
        core::Values values = values_;
        values.insert(values.end(), last.begin(), last.end());
        return tx.query(select + conditions_ + tail, values);
    }

private:
    std::string conditions_;
    core::Values values_;
};

}  // namespace gardu::billing
