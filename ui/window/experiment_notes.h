#pragma once

#include "core/store/experiment_table.h"

#include <QDialog>
#include <QStringList>

class QLineEdit;
class QPlainTextEdit;

namespace dskd::ui
{

// Edits the note and the tags of an experiment; its caller stores them when it is accepted. GUI thread only.
class ExperimentNotes final : public QDialog
{
    Q_OBJECT
public:
    ExperimentNotes(const store::ExperimentRow& experiment, QWidget* parent);

    [[nodiscard]] QString note() const;
    [[nodiscard]] QStringList tags() const; // sorted, each once

private:
    QPlainTextEdit* m_note;
    QLineEdit* m_tags;
};

} // namespace dskd::ui
