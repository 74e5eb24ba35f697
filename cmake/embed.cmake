# malaposta_embed(TARGET ROOT FILE...) compiles files into TARGET: their bytes by .incbin from one generated
# assembler file (a C array of the same bytes takes seconds and a hundred megabytes to compile), and their names,
# relative to ROOT, in a table that server/scenario/shipped.cpp reads.
function(malaposta_embed target root)
  set(assembler ".section .rodata\n")
  set(table "")
  set(index 0)
  foreach(file IN LISTS ARGN)
    file(RELATIVE_PATH name "${root}" "${file}")
    string(APPEND assembler
      ".global malaposta_file_${index}_begin\nmalaposta_file_${index}_begin:\n.incbin \"${file}\"\n"
      ".global malaposta_file_${index}_end\nmalaposta_file_${index}_end:\n.byte 0\n")
    string(APPEND table "MALAPOSTA_FILE(${index}, \"${name}\")\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembler ".section .note.GNU-stack,\"\",%progbits\n")
  set(directory "${PROJECT_BINARY_DIR}/generated")
  file(CONFIGURE OUTPUT "${directory}/${target}_files.S" CONTENT "${assembler}" @ONLY)
  file(CONFIGURE OUTPUT "${directory}/${target}_files.inc" CONTENT "${table}" @ONLY)
  set_source_files_properties("${directory}/${target}_files.S" PROPERTIES OBJECT_DEPENDS "${ARGN}")
  target_sources(${target} PRIVATE "${directory}/${target}_files.S")
endfunction()
