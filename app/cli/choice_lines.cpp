#include "app/cli/choice_lines.h"

#include "core/config/methods/method_table.h"

#include <algorithm>
#include <cstddef>

namespace dskd::cli
{

std::string choiceLines(std::string_view field)
{
    constexpr std::size_t kWidth = 15; // of the values; a longer one is followed by one space
    std::string lines;
    for (const config::ChoiceMeaning& choice : config::choiceMeanings()) {
        if (choice.field == field) {
            lines += "    " + std::string(choice.value) +
                     std::string(kWidth - std::min(kWidth - 1, choice.value.size()), ' ') +
                     std::string(choice.sentence) + '\n';
        }
    }
    return lines;
}

} // namespace dskd::cli
