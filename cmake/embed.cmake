# Files compiled into a target: their bytes by .incbin from one generated assembler file (a C array of the same bytes takes
# seconds and a hundred megabytes to compile), and their names, relative to ROOT, in a table of rows MALAPOSTA_FILE(symbol, name)
# that one source file of the target includes.

# Writes PREFIX.S and PREFIX.inc. SYMBOLS begins the names in the assembler file.
function(malaposta_write_files prefix symbols root)
  set(assembler ".section .rodata\n")
  set(table "")
  set(index 0)
  foreach(file IN LISTS ARGN)
    file(RELATIVE_PATH name "${root}" "${file}")
    set(symbol "${symbols}_${index}")
    string(APPEND assembler
      ".global ${symbol}_begin\n.hidden ${symbol}_begin\n${symbol}_begin:\n.incbin \"${file}\"\n"
      ".global ${symbol}_end\n.hidden ${symbol}_end\n${symbol}_end:\n.byte 0\n")
    string(APPEND table "MALAPOSTA_FILE(${symbol}, \"${name}\")\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembler ".section .note.GNU-stack,\"\",%progbits\n")
  file(CONFIGURE OUTPUT "${prefix}.S" CONTENT "${assembler}" @ONLY)
  file(CONFIGURE OUTPUT "${prefix}.inc" CONTENT "${table}" @ONLY)
endfunction()

# malaposta_embed(TARGET ROOT FILE...): files that are there when CMake configures; the table is TARGET_files.inc.
function(malaposta_embed target root)
  set(prefix "${PROJECT_BINARY_DIR}/generated/${target}_files")
  malaposta_write_files("${prefix}" "${target}_file" "${root}" ${ARGN})
  set_source_files_properties("${prefix}.S" PROPERTIES OBJECT_DEPENDS "${ARGN}")
  target_sources(${target} PRIVATE "${prefix}.S")
endfunction()
