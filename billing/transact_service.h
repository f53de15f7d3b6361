#pragma once
// Transactions whose unique keys another node may take first.

#include "core/db.h"

namespace gardu::billing {

/// Where another node took the key between the look-up and the write, the second run sees it and answers
/// with words, or with what the other has done.
template <class Function>
auto transactTwice(core::Db& db, Function&& function) {
    try {
        return db.transact(function);
    } catch (const core::DuplicateKey&) {
        return db.transact(function);
    }
}

}  // namespace gardu::billing
