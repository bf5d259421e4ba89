#include "ui/pages/pairs/pairs_model.h"

#include "core/pairs/known_inputs.h"
#include "ui/look/format.h"

#include <algorithm>

namespace dskd::ui
{
namespace
{

bool sameContent(const std::vector<store::ModelRow>& before, const std::vector<store::ModelRow>& now)
{
    return std::equal(before.begin(), before.end(), now.begin(), now.end(),
                      [](const store::ModelRow& a, const store::ModelRow& b) {
                          return a.id == b.id && a.hash == b.hash && a.problem == b.problem;
                      });
}

QString describe(const store::ModelRow& model)
{
    QStringList lines{QString::fromStdString(model.path)};
    if (!model.problem.empty()) {
        lines += QString::fromStdString(model.problem);
    } else {
        lines += PairsModel::tr("%1, %2 weights%3")
                     .arg(QString::fromStdString(model.family), count(static_cast<double>(model.parameters)),
                          model.kind == pairs::kWithoutWeights ? PairsModel::tr(" (not in the folder)") : QString());
        lines += PairsModel::tr("%1 tokens, head of %2 rows").arg(whole(model.vocabulary), whole(model.headRows));
        QStringList special;
        for (const auto& [role, token] : model.specialTokens) {
            special += QString::fromStdString(role) + " " + shownName(token);
        }
        lines += PairsModel::tr("Special tokens: %1").arg(special.isEmpty() ? kMissing : special.join(", "));
        lines += PairsModel::tr("Chat template: %1")
                     .arg(model.chatTemplate.empty() ? PairsModel::tr("none that is known")
                                                     : QString::fromStdString(model.chatTemplate));
    }
    return lines.join('\n');
}

QString hintOf(const pairs::PairCell& cell)
{
    if (!cell.analysis) {
        return QString::fromStdString(cell.problem);
    }
    const pairs::PairAnalysis& found = *cell.analysis;
    QStringList lines{PairsModel::tr("%1 of the teacher's %2 tokens have a partner among the student's %3 (%4)")
                          .arg(whole(found.overlap), whole(found.teacherVocabulary), whole(found.studentVocabulary),
                               percent(found.overlapShare()))};
    if (found.sameVocabulary) {
        lines += PairsModel::tr("One vocabulary: rows compare one to one, no alignment is needed.");
    }
    if (found.samples == 0) {
        lines += PairsModel::tr("No sample has an answer to align.");
        return lines.join('\n');
    }
    lines += PairsModel::tr("ETA coverage %1 on %2 samples, minimum %3, maximum %4")
                 .arg(percent(found.mean), whole(found.samples), percent(found.min), percent(found.max));
    if (const std::string spaces = pairs::spacesSentence(found); !spaces.empty()) {
        lines += QString::fromStdString(spaces);
    }
    return (lines + distributionLines(found)).join('\n');
}

} // namespace

QStringList distributionLines(const pairs::PairAnalysis& analysis)
{
    QStringList lines;
    const auto bins = static_cast<double>(analysis.histogram.size());
    for (std::size_t bin = analysis.histogram.size(); bin-- > 0;) {
        if (analysis.histogram[bin] > 0) {
            lines += PairsModel::tr("%1 – %2: %3 samples")
                         .arg(static_cast<double>(bin) / bins, 0, 'f', 2)
                         .arg(static_cast<double>(bin + 1) / bins, 0, 'f', 2)
                         .arg(whole(analysis.histogram[bin]));
        }
    }
    return lines;
}

void PairsModel::setModels(std::vector<store::ModelRow> teachers, std::vector<store::ModelRow> students)
{
    if (sameContent(m_teachers, teachers) && sameContent(m_students, students)) {
        return;
    }
    beginResetModel();
    m_teachers = std::move(teachers);
    m_students = std::move(students);
    m_cells.clear();
    endResetModel();
}

void PairsModel::clearCells()
{
    m_cells.clear();
    if (rowCount() > 0 && columnCount() > 0) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    }
}

void PairsModel::setCell(pairs::PairCell cell)
{
    const auto place = [](const std::vector<store::ModelRow>& models, std::int64_t id) {
        const auto found =
            std::find_if(models.begin(), models.end(), [id](const store::ModelRow& row) { return row.id == id; });
        return found == models.end() ? -1 : static_cast<int>(found - models.begin());
    };
    const int row = place(m_teachers, cell.teacher.id);
    const int column = place(m_students, cell.student.id);
    if (row < 0 || column < 0) {
        return; // of models that are shown no more
    }
    m_cells[{cell.teacher.id, cell.student.id}] = std::move(cell);
    Q_EMIT dataChanged(index(row, column), index(row, column));
}

const pairs::PairCell* PairsModel::cellAt(const QModelIndex& index) const
{
    if (!index.isValid()) {
        return nullptr;
    }
    const auto found = m_cells.find({m_teachers[static_cast<std::size_t>(index.row())].id,
                                     m_students[static_cast<std::size_t>(index.column())].id});
    return found == m_cells.end() ? nullptr : &found->second;
}

std::vector<pairs::PairCell> PairsModel::cells() const
{
    std::vector<pairs::PairCell> all;
    for (int row = 0; row < rowCount(); ++row) {
        for (int column = 0; column < columnCount(); ++column) {
            if (const pairs::PairCell* cell = cellAt(index(row, column))) {
                all.push_back(*cell);
            }
        }
    }
    return all;
}

int PairsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_teachers.size());
}

int PairsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_students.size());
}

QVariant PairsModel::data(const QModelIndex& index, int role) const
{
    const pairs::PairCell* cell = cellAt(index);
    if (role == Qt::TextAlignmentRole) {
        return static_cast<int>(Qt::AlignCenter);
    }
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != Qt::AccessibleTextRole)) {
        return {};
    }
    if (cell == nullptr) {
        return role == Qt::DisplayRole ? QString(QChar(0x2026)) : tr("not computed yet");
    }
    if (role == Qt::ToolTipRole) {
        return plainHint(hintOf(*cell));
    }
    if (!cell->analysis) {
        return role == Qt::DisplayRole ? kMissing : QString::fromStdString(cell->problem);
    }
    const pairs::PairAnalysis& found = *cell->analysis;
    return tr("overlap %1\ncoverage %2")
        .arg(percent(found.overlapShare()), found.samples > 0 ? percent(found.mean) : kMissing);
}

QVariant PairsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    const std::vector<store::ModelRow>& models = orientation == Qt::Vertical ? m_teachers : m_students;
    if (section < 0 || static_cast<std::size_t>(section) >= models.size()) {
        return {};
    }
    const store::ModelRow& model = models[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) {
        return model.problem.empty() ? shownName(model.name) : tr("%1 (cannot be used)").arg(shownName(model.name));
    }
    return role == Qt::ToolTipRole ? QVariant(plainHint(describe(model))) : QVariant();
}

} // namespace dskd::ui
