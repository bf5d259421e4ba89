#pragma once

// Shows the windows of the workbench for pictures: the screenshots of the README and the pictures that tests compare.

#include <QSize>
#include <QString>
#include <filesystem>
#include <functional>

class QWidget;

namespace dskd::test
{

// What to do with a widget that is to be pictured; `name` without folder and ending. False: stop.
using Take = std::function<bool(QWidget& widget, const QString& name)>;

// Opens the window on the workspace, in the theme that is set, and hands it over once a page: "curves", "compare" ...
// The run with attention maps is selected, else the last one. False when nothing is shown or `take` says so.
[[nodiscard]] bool showPages(const std::filesystem::path& workspace, QSize size, const Take& take);

// The dialog of a new experiment after its preflight, "experiment", and its switches of the method, "method".
[[nodiscard]] bool showExperimentDialog(const Take& take);

} // namespace dskd::test
