#pragma once

#include "core/config/schema/data_config.h"
#include "core/preflight/data_samples.h"
#include "ui/feed/background.h"

#include <QDialog>
#include <QString>
#include <cstdint>
#include <set>
#include <string>

class QLabel;
class QLineEdit;
class QPushButton;
class QTreeView;

namespace dskd::ui
{

class SampleList;

// Which samples of the data a run records (log.probe_lines): a list to tick, with a search over its texts. The file is
// read in the background. Shown with open(); lines() are the choice once it was accepted. GUI thread only.
class SampleChooser final : public QDialog
{
    Q_OBJECT
public:
    // `chosen`: as log.probe_lines has it. Numbers of it that no sample has stay chosen, and are named; of a text that
    // is no list of numbers nothing is chosen, and it is named.
    SampleChooser(const config::DataConfig& data, const std::string& chosen, QWidget* parent = nullptr);

    [[nodiscard]] std::string lines() const; // "3, 17, 40-42"; empty: none is ticked

private:
    void take(Result<preflight::DataSamples> read);
    void search(const QString& text);
    void showCount();

    SampleList* m_list;
    QLineEdit* m_search;
    QTreeView* m_view;
    QString m_unreadable; // what the choice replaces; empty: it could be read
    QLabel* m_note;       // of the file; while there is nothing to choose from, why
    QLabel* m_count;
    QPushButton* m_none;
    QPushButton* m_take = nullptr; // once the samples are there
    Background m_reading;          // ends first
};

} // namespace dskd::ui
