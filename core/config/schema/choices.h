#pragma once

// The names of the choices, for code that reads or writes them.

#include "core/config/schema/choice.h"
#include "core/config/schema/job_choices.h"
#include "core/config/schema/method_choices.h"

#include <span>
#include <string_view>
#include <type_traits>

namespace dskd::config
{

// All values of an enumeration with their names, in the order of reading: choicesOf<Space>().
template <typename Enum>
[[nodiscard]] constexpr std::span<const Choice<Enum>> choicesOf()
{
    return kChoices<Enum>;
}

// name(Space::Dual) is "dual"; empty for what is no value.
template <typename Enum>
requires std::is_enum_v<Enum>
[[nodiscard]] constexpr std::string_view name(Enum value)
{
    for (const Choice<Enum>& choice : choicesOf<Enum>()) {
        if (choice.value == value) {
            return choice.name;
        }
    }
    return {};
}

} // namespace dskd::config
