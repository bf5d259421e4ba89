#pragma once

#include "core/align/marked_answer.h"

#include <QString>
#include <optional>

namespace dskd::ui
{

// One token of a row (token_rows.h), with what is known of its partners in the other row.
struct RowToken {
    QString text;
    std::optional<align::Mark> mark = std::nullopt; // none: not known
    int partnerBegin = 0;                           // tokens of the other row, [partnerBegin, partnerEnd)
    int partnerEnd = 0;
    QString hint = {}; // tooltip
};

} // namespace dskd::ui
