module malaposta

go 1.19
