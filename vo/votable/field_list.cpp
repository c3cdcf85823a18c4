// SPDX-License-Identifier: BSD-3-Clause
#include "vo/votable/field_list.h"

#include <algorithm>
#include <array>
#include <list>
#include <utility>

#include "vo/base/guarded.h"

namespace platefs::vo {
namespace {

using Fields = std::vector<VotableField>;

constexpr std::size_t kMostLists = 256;

/// The lists that are in use somewhere, used last first.
class SharedLists {
 public:
  std::shared_ptr<const Fields> one_of(Fields fields) {
    auto known = known_.lock();
    std::shared_ptr<const Fields> equal;
    for (auto it = known->begin(); it != known->end() && !equal;) {
      const auto list = it->lock();
      if (list && *list == fields) {
        equal = list;
        known->splice(known->begin(), *known, it);
      }
      it = list ? std::next(it) : known->erase(it);
    }
    if (equal) return equal;
    fields.shrink_to_fit();
    const auto list = std::make_shared<const Fields>(std::move(fields));
    known->push_front(list);
    if (known->size() > kMostLists) known->pop_back();
    return list;
  }

 private:
  Guarded<std::list<std::weak_ptr<const Fields>>> known_;
};

SharedLists& shared_lists() {
  static SharedLists lists;
  return lists;
}

std::uint64_t bytes_of(const VotableField& field) {
  const auto& f = field;
  auto bytes = std::uint64_t{sizeof(VotableField)};
  for (const auto* text : {&f.id, &f.name, &f.datatype, &f.arraysize, &f.unit, &f.ucd, &f.utype, &f.xtype, &f.ref,
                           &f.description, &f.value, &f.min, &f.max}) {
    bytes += text->size();
  }
  for (const auto& option : f.options) bytes += sizeof(option) + option.size();
  return bytes;
}

}  // namespace

FieldList::FieldList(Fields fields) : fields_(shared_lists().one_of(std::move(fields))) {}

std::uint64_t FieldList::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& field : *fields_) bytes += bytes_of(field);
  return bytes / static_cast<std::uint64_t>(std::max(1L, fields_.use_count()));
}

}  // namespace platefs::vo
