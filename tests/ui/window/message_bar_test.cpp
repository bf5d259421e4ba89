#include "ui/window/message_bar.h"

#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

TEST(MessageBar, NamesMenuItemsWhereTheCommandLineNamesCommands)
{
    MessageBar bar;
    bar.showMessage(Tone::Bad, "The run x is in the trash.", "`dskd restore x` brings it back.");
    EXPECT_EQ(bar.text().toStdString(), "The run x is in the trash.\nFile → Trash → Restore brings it back.");
}

} // namespace
} // namespace dskd::ui
