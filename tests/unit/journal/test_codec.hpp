#pragma once
// A codec for tests of journals: every field in order, no limits.

#include "runtime/journal/record_codec.hpp"

namespace pecia::runtime::test {

RecordCodec test_codec();

}  // namespace pecia::runtime::test
