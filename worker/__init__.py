"""Background work: Celery wakes up, the database says what is to be done."""
