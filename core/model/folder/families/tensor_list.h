#pragma once

// The tensors of a configuration while they are listed.

#include "core/model/folder/tensor_specs.h"

#include <string>
#include <utility>
#include <vector>

namespace dskd::model
{

class TensorList
{
public:
    void add(std::string name, std::vector<std::int64_t> shape, Init init = Init::Normal)
    {
        m_specs.push_back({std::move(name), std::move(shape), true, init});
    }
    void addNorm(const std::string& name, std::int64_t width, bool bias, Init init = Init::Ones)
    {
        m_specs.push_back({name + ".weight", {width}, false, init});
        if (bias) {
            addBias(name, width);
        }
    }
    void addBias(const std::string& name, std::int64_t width)
    {
        m_specs.push_back({name + ".bias", {width}, false, Init::Zeros});
    }
    void addLinear(const std::string& name, std::int64_t out, std::int64_t in, bool bias) // (out, in)
    {
        add(name + ".weight", {out, in});
        if (bias) {
            addBias(name, out);
        }
    }
    void addConv1d(const std::string& name, std::int64_t in, std::int64_t out, Init init) // (in, out)
    {
        add(name + ".weight", {in, out}, init);
        addBias(name, out);
    }
    [[nodiscard]] std::vector<TensorSpec> take() { return std::move(m_specs); }

private:
    std::vector<TensorSpec> m_specs;
};

} // namespace dskd::model
