#include "core/config/plan/seeds.h"

#include "core/config/schema/number_list.h"

namespace dskd::config
{

Result<std::vector<std::uint64_t>> parseSeeds(std::string_view text)
{
    return parseNumbers(text, "seeds");
}

std::string seedsText(const std::vector<std::uint64_t>& seeds)
{
    return numbersText(seeds);
}

} // namespace dskd::config
