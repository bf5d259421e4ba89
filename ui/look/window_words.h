#pragma once

#include <QString>
#include <string>

namespace dskd::ui
{

// A sentence of the core as the window shows it: where it advises a command of `dskd`, the menu item or the page of the
// guide that does the same is named. Every text that comes from a Failure, an event or a finding goes through it.
[[nodiscard]] QString windowWords(const QString& sentence);
[[nodiscard]] QString windowWords(const std::string& sentence);

} // namespace dskd::ui
