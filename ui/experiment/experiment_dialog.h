#pragma once

#include "core/config/plan/plan.h"
#include "ui/experiment/field_editors.h"

#include <QDialog>
#include <filesystem>
#include <optional>
#include <string>
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

class AxesPanel;
class MethodPage;
class PlanEstimateLine;
class PreflightPanel;

// Makes and edits an experiment: the fields that matter in five sections, every field in a list that can be searched,
// each with one value or several, and beside them the preflight. Works on a copy and hands out a name and a plan. Show
// it with open(). GUI thread only.
class ExperimentDialog final : public QDialog
{
    Q_OBJECT
public:
    // An empty name: a new experiment, called after what the plan's configuration is called, else after its method.
    // Nothing: a configuration with the fields' defaults.
    ExperimentDialog(const std::string& name, const std::optional<config::Plan>& from, QWidget* parent = nullptr);
    // A new one of a single configuration.
    explicit ExperimentDialog(const std::optional<config::Experiment>& from, QWidget* parent = nullptr);

    // The workspace by whose runs times are estimated, and the names that its experiments have: a new one is called
    // otherwise.
    void setWorkspace(const std::filesystem::path& workspace, std::vector<std::string> taken);

    [[nodiscard]] const config::Experiment& experiment() const { return m_experiment; } // with no axis' values
    [[nodiscard]] const PreflightPanel& preflight() const { return *m_preflight; }
    [[nodiscard]] const PlanEstimateLine& estimate() const { return *m_estimate; }
    [[nodiscard]] std::string name() const { return m_experiment.name; }
    // As it stands there, also while it is refused. Seeds that cannot be read are none.
    [[nodiscard]] config::Plan plan() const;
    void load(const config::Plan& plan);
    void load(const config::Experiment& experiment);
    // A configuration, or what `dskd experiment export` writes. Shows the failure in the form.
    void loadFile(const QString& file);
    // The configuration, where the plan has one run; else the plan with its name, which loadFile and `dskd experiment
    // save` read.
    bool saveTo(const QString& file) const;

    // What was submitted could not be saved or queued: the form stays as it is, with the sentence.
    void refused(const QString& sentence);

Q_SIGNALS:
    // Accept the dialog when it is saved. `run`: its runs are to be queued too.
    void submitted(const std::string& name, const config::Plan& plan, bool run);

private:
    void makeLayout();
    QWidget* makeSections();
    void addMethod(QFormLayout& form, QWidget* content);
    void addRuns(QVBoxLayout& layout);
    QWidget* makeAllFields();
    void makeButtons(QVBoxLayout& into);
    QFormLayout* addSection(QVBoxLayout& into, const QString& title);
    void connectAxes();
    void take(const config::Plan& plan, const std::string& name);
    void onChanged();
    void suggestName();
    void showAxisValues(const std::string& field);
    void updateStart();
    void submit(bool run);
    void chooseSamples(); // that runs record, in a dialog
    void openFile();
    void saveFile();
    [[nodiscard]] QString whyNoPlan() const;           // why it cannot be saved
    [[nodiscard]] config::Experiment firstRun() const; // what the preflight checks
    [[nodiscard]] std::size_t runCount() const;        // without checking what can run and what is the same
    [[nodiscard]] std::string suggestedName() const;

    config::Experiment m_experiment;
    std::vector<std::pair<std::string, std::string>> m_fixed; // of the plan (config::Plan::fixed)
    std::vector<config::Exclusion> m_excluded;
    std::vector<std::string> m_taken; // names of experiments
    std::string m_savedAs;            // the experiment that is edited; empty: a new one
    std::string m_baseName;           // of the plan's configuration, where they are of no account
    std::string m_baseGroup;
    bool m_seedOfBase = true; // the plan names no seeds: its configuration's counts
    bool m_nameTyped = false; // it follows the method no more
    QTabWidget* m_pages = nullptr;
    FieldEditors* m_fields;
    bool m_isNew; // no revision of an experiment that is there
    PreflightPanel* m_preflight;
    PlanEstimateLine* m_estimate;
    AxesPanel* m_axes;
    QComboBox* m_preset = nullptr;
    MethodPage* m_method = nullptr;
    QLabel* m_sentence = nullptr; // of the method
    QLineEdit* m_seeds = nullptr;
    QLineEdit* m_name = nullptr;
    QLabel* m_why = nullptr;        // why Start is not possible
    QPushButton* m_probe = nullptr; // where no time is known
    QPushButton* m_save = nullptr;
    QPushButton* m_start = nullptr;
    QString m_notDone;        // the last saving or queueing failed, until something is changed
    bool m_submitted = false; // it is not known yet whether that could be done
};

} // namespace dskd::ui
