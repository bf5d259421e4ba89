#pragma once

#include "core/preflight/preflight.h"

#include <QDialog>

namespace dskd::ui
{

// How the tokens of one answer are aligned: the teacher's above the student's, those without a partner in brackets.
// GUI thread only.
class AlignedSampleDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit AlignedSampleDialog(const preflight::AlignedSample& sample, QWidget* parent = nullptr);
};

// "The| quick|⟦ bro⟧|⟦wn⟧": one line of tokens, line ends and tabs spelled out.
[[nodiscard]] QString tokenLine(const std::vector<preflight::AlignedSample::Token>& tokens);

} // namespace dskd::ui
