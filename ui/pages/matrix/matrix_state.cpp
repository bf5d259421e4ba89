#include "ui/pages/matrix/matrix_state.h"

#include <QJsonArray>
#include <algorithm>
#include <cstddef>
#include <iterator>

namespace dskd::ui
{
namespace
{

QJsonArray arrayOf(const std::vector<std::string>& fields)
{
    QJsonArray array;
    for (const std::string& field : fields) {
        array.append(QString::fromStdString(field));
    }
    return array;
}

// Those that this version of the program has.
std::vector<std::string> fieldsIn(const QJsonValue& value)
{
    std::vector<std::string> fields;
    const QJsonArray array = value.toArray();
    for (const QJsonValue& field : array) {
        if (const auto path = jobs::matrixField(field.toString().toStdString())) {
            fields.push_back(*path);
        }
    }
    return fields;
}

template <typename Row, std::size_t count, typename Value>
QString nameOf(const Row (&table)[count], Value Row::*value, Value wanted)
{
    const auto* row =
        std::find_if(std::begin(table), std::end(table), [&](const Row& each) { return each.*value == wanted; });
    return QString::fromUtf8(row->name.data(), static_cast<qsizetype>(row->name.size()));
}

template <typename Row, std::size_t count, typename Value>
void setNamed(const Row (&table)[count], Value Row::*value, const QJsonValue& name, Value& to)
{
    const std::string wanted = name.toString().toStdString();
    for (const Row& row : table) {
        to = row.name == wanted ? row.*value : to;
    }
}

} // namespace

QJsonObject toJson(const MatrixState& state)
{
    QJsonObject baseline;
    for (const auto& [field, value] : state.request.baseline) {
        baseline.insert(QString::fromStdString(field), QString::fromStdString(value));
    }
    return {{QStringLiteral("rows"), arrayOf(state.request.rows)},
            {QStringLiteral("columns"), arrayOf(state.request.columns)},
            {QStringLiteral("metric"), QString::fromStdString(state.request.metric)},
            {QStringLiteral("best"), nameOf(jobs::kWithins, &jobs::WithinRow::within, state.request.within)},
            {QStringLiteral("test"), nameOf(jobs::kPairings, &jobs::PairingRow::pairing, state.request.pairing)},
            {QStringLiteral("revisions"),
             nameOf(jobs::kRevisions, &jobs::RevisionsRow::revisions, state.request.revisions)},
            {QStringLiteral("spread"), nameOf(jobs::kSpreads, &jobs::SpreadRow::spread, state.spread)},
            {QStringLiteral("baseline"), baseline}};
}

MatrixState matrixStateFrom(const QJsonObject& json)
{
    MatrixState state;
    state.request.rows = fieldsIn(json.value(QStringLiteral("rows")));
    state.request.columns = fieldsIn(json.value(QStringLiteral("columns")));
    state.request.metric = json.value(QStringLiteral("metric")).toString().toStdString();
    setNamed(jobs::kWithins, &jobs::WithinRow::within, json.value(QStringLiteral("best")), state.request.within);
    setNamed(jobs::kPairings, &jobs::PairingRow::pairing, json.value(QStringLiteral("test")), state.request.pairing);
    setNamed(jobs::kRevisions, &jobs::RevisionsRow::revisions, json.value(QStringLiteral("revisions")),
             state.request.revisions);
    setNamed(jobs::kSpreads, &jobs::SpreadRow::spread, json.value(QStringLiteral("spread")), state.spread);
    const QJsonObject baseline = json.value(QStringLiteral("baseline")).toObject();
    for (auto value = baseline.begin(); value != baseline.end(); ++value) {
        if (const auto path = jobs::matrixField(value.key().toStdString())) {
            state.request.baseline[*path] = value.value().toString().toStdString();
        }
    }
    return state;
}

} // namespace dskd::ui
