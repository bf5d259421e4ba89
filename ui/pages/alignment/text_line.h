#pragma once

#include "ui/pages/shared/muted_label.h"

namespace dskd::ui
{

// A line of text that is cut rather than widening the page; text is shown as it is, since tokens may look like tags.
// GUI thread only.
[[nodiscard]] inline MutedLabel* newLine(const char* name)
{
    auto* line = new MutedLabel;
    line->setObjectName(QString::fromLatin1(name));
    line->setTextFormat(Qt::PlainText);
    line->setTextInteractionFlags(Qt::TextSelectableByMouse);
    line->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    line->setEndCut(true);
    return line;
}

} // namespace dskd::ui
