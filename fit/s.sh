setenv a b
bootm
