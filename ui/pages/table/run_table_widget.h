#pragma once

#include <QTableView>

namespace dskd::ui
{

// A table that reports whether a cell is being edited. GUI thread only.
class RunTableWidget final : public QTableView
{
public:
    using QTableView::QTableView;
    [[nodiscard]] bool isEditing() const { return state() == EditingState; }
};

} // namespace dskd::ui
