"""Small pictures for the thread: made by a worker of pictures that are here, kept beside them in their store.

The rows are the queue: what is stored, is a picture and has not been looked at. So a picture that was
fetched, one that an agent sent, and one that was there before small ones existed are found the same way.
"""
