#pragma once

#include "core/config/schema/experiment.h"
#include "ui/experiment/field_editors.h"

#include <QDialog>
#include <optional>
#include <vector>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QTabWidget;
class QVBoxLayout;

namespace dskd::ui
{

class MethodPage;
class PreflightPanel;

// Configures an experiment: the fields that matter in five sections, every field in a list that can be searched, and
// beside them the preflight. Works on a copy and hands out one experiment per seed. Show it with open(). GUI thread
// only.
class ExperimentDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit ExperimentDialog(const std::optional<config::Experiment>& from, QWidget* parent = nullptr);

    [[nodiscard]] const config::Experiment& experiment() const { return m_experiment; }
    [[nodiscard]] const PreflightPanel& preflight() const { return *m_preflight; }
    // The seeds that were typed; empty when they cannot be read.
    [[nodiscard]] std::vector<std::uint64_t> seeds() const;
    void load(const config::Experiment& experiment);
    bool saveTo(const QString& file) const;

    // The submitted experiments could not be queued: the form stays as it is, with the sentence.
    void refused(const QString& sentence);

Q_SIGNALS:
    // Accept the dialog when they are queued.
    void submitted(const std::vector<config::Experiment>& experiments);

private:
    QWidget* makeSections();
    QWidget* makeAllFields();
    void makeButtons(QVBoxLayout& into);
    QFormLayout* addSection(QVBoxLayout& into, const QString& title);
    void onChanged();
    void updateStart();
    void submit();
    void openFile();
    void saveFile();

    config::Experiment m_experiment;
    FieldEditors* m_fields;
    PreflightPanel* m_preflight;
    QComboBox* m_preset;
    MethodPage* m_method = nullptr;
    QLabel* m_sentence = nullptr; // of the method
    QLineEdit* m_seeds;
    QLabel* m_why; // why Start is not possible, or what speaks against it
    QPushButton* m_start;
    QString m_notDone;        // the last saving or queueing failed, until something is changed
    bool m_submitted = false; // it is not known yet whether there was room for the runs
};

} // namespace dskd::ui
