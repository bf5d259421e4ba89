#include "core/config/methods/method_table.h"
#include "core/config/schema/fields.h"

namespace dskd::config
{
namespace
{

// The fields that compose a method, in the order of reading.
constexpr std::string_view kComposing[] = {"method.objective", "method.fidelity",    "method.space",
                                           "method.alignment", "method.distance",    "method.t2s_target",
                                           "data.answers",     "key_query.matching", "on_policy.schedule",
                                           "projector.init",   "projector.s2t"};

std::vector<ChoiceMeaning> makeTable()
{
    std::vector<ChoiceMeaning> table;
    for (const std::string_view path : kComposing) {
        const FieldInfo& field = findField(path)->info;
        for (std::size_t i = 0; i < field.choices.size(); ++i) {
            table.push_back({path, field.choices[i], field.meanings[i]});
        }
    }
    return table;
}

} // namespace

std::span<const ChoiceMeaning> choiceMeanings()
{
    static const std::vector<ChoiceMeaning> table = makeTable();
    return table;
}

} // namespace dskd::config
