#pragma once

#include <stdint.h>

/* What Go calls of Orthanc. The context is kept by the shim. */
void dosegate_log(int level, const char* message); /* 0 info, 1 warning, 2 error */
char* dosegate_configuration(void);                /* to be freed by dosegate_free_string */
void dosegate_free_string(char* s);
void dosegate_listen(int stored, int door, int received);
void dosegate_window(const char* explorer);         /* serves /dosegate by goWindow; a script for Orthanc Explorer 1 */
int dosegate_get(const char* uri, void** data, uint32_t* size); /* of Orthanc's REST API; data to be freed by dosegate_free */
void dosegate_free(void* data);
char* dosegate_lookup(const char* sop_instance);   /* to be freed by dosegate_free_string; NULL: not there */
const char* dosegate_orthanc_version(void);
void dosegate_answer(void* output, const void* data, uint32_t size, const char* mime);
void dosegate_header(void* output, const char* key, const char* value);
void dosegate_status(void* output, uint16_t status, const void* data, uint32_t size);
