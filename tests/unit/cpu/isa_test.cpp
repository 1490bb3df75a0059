#include "kernels/cpu/isa.hpp"

#include "kernels/cpu/kernel_table.hpp"
#include "tests/catch.hpp"

using namespace pecia::kernels;

TEST_CASE("an instruction set is chosen by name, and one this CPU lacks is refused by name") {
  REQUIRE(choose_isa("").value() == best_isa());
  REQUIRE(choose_isa("portable").value() == Isa::portable);
  for (const Isa isa : {Isa::avx2, Isa::avx512}) {
    const auto chosen = choose_isa(name_of(isa));
    REQUIRE(chosen.ok() == has_isa(isa));
    if (!chosen.ok()) REQUIRE(chosen.error().message.find(name_of(isa)) != std::string::npos);
  }
  const auto unknown = choose_isa("sse9");
  REQUIRE(!unknown.ok());
  REQUIRE(unknown.error().kind == ErrorKind::refuse);
  REQUIRE(unknown.error().message.find("portable") != std::string::npos);
}

TEST_CASE("the runnable tables begin with the best and end with the portable one") {
  const KernelTableList list = runnable_kernel_tables();
  REQUIRE(list.count >= 1);
  REQUIRE(list.tables[0] == &kernel_table(best_isa()));
  REQUIRE(std::string(list.tables[list.count - 1]->name) == "portable");
}
